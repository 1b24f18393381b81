import type { ByteRange } from './fields';

export interface HexCell {
  readonly offset: number;
  /** Two hex digits, or `••` for a masked byte. */
  readonly hex: string;
  /** The printable ASCII character, `.` for others, `•` for a masked byte. */
  readonly char: string;
  readonly masked: boolean;
}

export interface HexRow {
  readonly offset: number;
  /** The offset in hex, as wide as the longest one needs. */
  readonly label: string;
  readonly cells: readonly HexCell[];
}

/** Rows that `length` bytes take. */
export function hexRowCount(length: number, width: number): number {
  return Math.ceil(length / width);
}

/** One row of the byte view. Only visible rows are ever made. */
export function hexRow(bytes: Uint8Array, row: number, width: number, masks: readonly ByteRange[]): HexRow {
  const offset = row * width;
  const cells: HexCell[] = [];
  for (let at = offset; at < Math.min(offset + width, bytes.length); at++) {
    const masked = inRanges(masks, at);
    const byte = bytes[at];
    cells.push({
      offset: at,
      hex: masked ? '••' : byte.toString(16).padStart(2, '0'),
      char: masked ? '•' : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
      masked,
    });
  }
  return { offset, label: offset.toString(16).padStart(bytes.length > 0xffff ? 6 : 4, '0'), cells };
}

export function inRanges(ranges: readonly ByteRange[], offset: number): boolean {
  for (const range of ranges) if (offset >= range.start && offset < range.end) return true;
  return false;
}

/** Bytes in a row for a view of `pixels`: 16, 8 or 4 with the digit width in pixels. */
export function hexWidth(pixels: number, digit: number): number {
  for (const width of [16, 8]) {
    // Label, gaps between cells, and the text column.
    const chars = 6 + width * 3 + 2 + width;
    if (chars * digit <= pixels) return width;
  }
  return 4;
}
