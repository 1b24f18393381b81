import { oneLine } from '../trace/text';
import type { Matrix, MatrixRow } from './matrix';

const HEADINGS = ['sslmode', 'outcome', 'attempts', 'encryption', 'reason'] as const;

/** The rows as a table: aligned columns, one line each. */
export function matrixText(matrix: Matrix): string {
  const cells = matrix.rows.map(cellsOf);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...cells.map((row) => row[column].length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column])))
      .join('  ')
      .trimEnd();
  const lines = [line(HEADINGS), ...cells.map(line)];
  if (matrix.cancelled) lines.push('', 'Cancelled: the other modes were not tried.');
  return `${lines.join('\n')}\n`;
}

/** The rows as `connect --matrix --format json` prints them, without what only a person reads. */
export function matrixJson(matrix: Matrix): object {
  return {
    version: 1,
    cancelled: matrix.cancelled,
    modes: matrix.rows.map(({ mode, outcome, attempts, encryption, reason, traces }) => ({
      mode,
      outcome,
      attempts,
      encryption,
      reason,
      error: outcome === 'ready' ? null : (traces.at(-1)?.error ?? null),
    })),
  };
}

function cellsOf(row: MatrixRow): string[] {
  return [
    row.mode === 'direct' ? 'require, direct' : row.mode,
    row.outcome,
    String(row.attempts),
    row.encryption ?? '-',
    oneLine(row.reason),
  ];
}
