import { type LineText, line } from '../base/shown/outlets';
import { redactError } from '../trace/redact';
import { endedLines } from '../trace/text';
import type { Matrix, MatrixRow } from './matrix';

const HEADINGS = ['sslmode', 'outcome', 'attempts', 'encryption', 'reason'] as const;

/** The rows as a table: aligned columns, one line each. */
export function matrixText(matrix: Matrix): LineText {
  const cells = matrix.rows.map(cellsOf);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...cells.map((row) => row[column].length)),
  );
  const aligned = (row: readonly string[]) =>
    line(
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column])))
        .join('  ')
        .trimEnd(),
    );
  const lines = [aligned(HEADINGS), ...cells.map(aligned)];
  if (matrix.rows.some(({ outcome }) => outcome === 'stopped')) {
    lines.push(
      line``,
      line`The server refused the password with ${String(matrix.passwordRefusedIn)}. It was not given again, for several failed logins can lock an account:`,
      line`the modes that are "stopped" show what was found before authentication.`,
    );
  }
  if (matrix.cancelled) lines.push(line``, line`Cancelled: the other modes were not tried.`);
  return endedLines(lines);
}

/** The rows as `connect --matrix --format json` prints them, without secrets and what only a person reads. */
export function matrixJson(matrix: Matrix): object {
  return {
    version: 1,
    cancelled: matrix.cancelled,
    passwordRefusedIn: matrix.passwordRefusedIn,
    modes: matrix.rows.map(({ mode, outcome, attempts, encryption, reason, error }) => ({
      mode,
      outcome,
      attempts,
      encryption,
      reason,
      error: error && redactError(error),
    })),
  };
}

function cellsOf(row: MatrixRow): string[] {
  return [
    row.mode === 'direct' ? 'require, direct' : row.mode,
    row.outcome,
    String(row.attempts),
    row.encryption ?? '-',
    row.reason,
  ];
}
