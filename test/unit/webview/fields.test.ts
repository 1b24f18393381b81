import { describe, expect, test } from 'vitest';
import type { Field } from '../../../src/trace/model';
import { bytesOfHex, masksOf } from '../../../src/webview/model/bytes';
import {
  fieldRange,
  fieldRows,
  hasSecret,
  parentPath,
  rowAtOffset,
  secretRanges,
} from '../../../src/webview/model/fields';
import { hexRow, hexRowCount, hexWidth } from '../../../src/webview/model/hex';

const FIELDS: Field[] = [
  { name: 'type', value: 'p', offset: 0, length: 1 },
  {
    name: 'payload',
    value: '…',
    offset: 4,
    length: 12,
    fields: [
      { name: 'user', value: '', offset: 4, length: 2 },
      { name: 'nonce', value: 'abcdef', offset: 6, length: 6, secret: true },
    ],
  },
  { name: 'count', value: '2' },
];

describe('the field tree', () => {
  test('lists children below their parent, with what ARIA wants to know', () => {
    const rows = fieldRows(FIELDS, new Set());
    expect(rows.map((row) => row.path)).toEqual(['0', '1', '1.0', '1.1', '2']);
    expect(rows.map((row) => row.level)).toEqual([1, 1, 2, 2, 1]);
    expect(rows[3]).toMatchObject({ position: 2, siblings: 2, expandable: false });
    expect(rows[1]).toMatchObject({ expandable: true, expanded: true });
  });

  test('leaves out what is collapsed', () => {
    expect(fieldRows(FIELDS, new Set(['1'])).map((row) => row.path)).toEqual(['0', '1', '2']);
    expect(parentPath('1.1')).toBe('1');
    expect(parentPath('1')).toBeNull();
  });

  test('finds the innermost field of a byte', () => {
    const rows = fieldRows(FIELDS, new Set());
    expect(rows[rowAtOffset(rows, 7)].field.name).toBe('nonce');
    expect(rows[rowAtOffset(rows, 13)].field.name).toBe('payload');
    expect(rowAtOffset(rows, 2)).toBe(-1);
    expect(fieldRange(FIELDS[2])).toBeNull();
  });
});

describe('secrets', () => {
  test('are found at any depth', () => {
    expect(hasSecret(FIELDS)).toBe(true);
    expect(hasSecret([FIELDS[0], FIELDS[2]])).toBe(false);
  });

  test('cover their bytes; without a place of their own their parent, without any everything', () => {
    expect(secretRanges(FIELDS)).toEqual([{ start: 6, end: 12 }]);
    const inside: Field[] = [{ ...FIELDS[1], fields: [{ name: 'key', value: 'k', secret: true }] }];
    expect(secretRanges(inside)).toEqual([{ start: 4, end: 16 }]);
    expect(secretRanges([{ name: 'key', value: 'k', secret: true }])[0].end).toBeGreaterThan(1e9);
  });

  test('stay masked in the bytes until they are revealed, and what the host masked always', () => {
    const bytes = { hex: '00'.repeat(16), total: 16, masked: [{ offset: 14, length: 2 }], note: null };
    const masked = hexRow(bytesOfHex(bytes.hex), 0, 16, masksOf(bytes, FIELDS, false));
    expect(masked.cells.filter((cell) => cell.masked).map((cell) => cell.offset)).toEqual([
      6, 7, 8, 9, 10, 11, 14, 15,
    ]);
    expect(masked.cells[6]).toMatchObject({ hex: '••', char: '•' });
    const revealed = hexRow(bytesOfHex(bytes.hex), 0, 16, masksOf(bytes, FIELDS, true));
    expect(revealed.cells.filter((cell) => cell.masked).map((cell) => cell.offset)).toEqual([14, 15]);
  });
});

describe('the byte view', () => {
  test('shows hex and printable text', () => {
    const row = hexRow(Uint8Array.of(0x41, 0x00, 0x7f, 0xff), 0, 16, []);
    expect(row.label).toBe('0000');
    expect(row.cells.map((cell) => cell.hex)).toEqual(['41', '00', '7f', 'ff']);
    expect(row.cells.map((cell) => cell.char).join('')).toBe('A...');
  });

  test('the last row is short, and there is none beyond it', () => {
    const bytes = new Uint8Array(19);
    expect(hexRowCount(bytes.length, 8)).toBe(3);
    expect(hexRow(bytes, 2, 8, []).cells).toHaveLength(3);
    expect(hexRow(bytes, 3, 8, []).cells).toHaveLength(0);
    expect(hexRowCount(0, 8)).toBe(0);
  });

  test('as many columns as fit', () => {
    expect(hexWidth(600, 7)).toBe(16);
    expect(hexWidth(320, 7)).toBe(8);
    expect(hexWidth(40, 7)).toBe(4);
  });

  test('hex that is none ends the bytes', () => {
    expect([...bytesOfHex('0a0Bzz01')]).toEqual([10, 11]);
    expect(bytesOfHex('f')).toHaveLength(0);
  });
});
