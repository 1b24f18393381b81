import { describe, expect, it } from 'vitest';
import type { Matrix, MatrixRow } from '../../../src/live/matrix';
import { matrixJson } from '../../../src/live/matrix-text';

const row: MatrixRow = {
  mode: 'disable',
  outcome: 'failed',
  attempts: 1,
  encryption: 'none',
  reason: 'The server refused the startup packet.',
  error: { from: 'server', code: '42704', message: 'host=h password=hunter22 is no option' },
  traces: [],
  recordings: [],
};
const matrixOf = (...rows: MatrixRow[]): Matrix => ({ rows, cancelled: false, passwordRefusedIn: null });

describe('the modes as JSON', () => {
  it("hold no secret of the server's words", () => {
    expect(matrixJson(matrixOf(row, { ...row, error: null }))).toMatchObject({
      modes: [
        { error: { from: 'server', code: '42704', message: 'host=h password=•••••• is no option' } },
        { error: null },
      ],
    });
  });
});
