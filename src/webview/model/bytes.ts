import type { StepBytes } from '../../contract/values';
import type { Field } from '../../trace/model';
import { type ByteRange, secretRanges } from './fields';

/** The bytes of a hex text; stops at the first pair that is not hex. */
export function bytesOfHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length >> 1);
  for (let at = 0; at < bytes.length; at++) {
    const pair = hex.slice(at * 2, at * 2 + 2);
    if (!/^[0-9a-f]{2}$/i.test(pair)) return bytes.subarray(0, at);
    bytes[at] = Number.parseInt(pair, 16);
  }
  return bytes;
}

/** What is drawn masked: what the host masked and, unless revealed, what the step's fields mark as secret. */
export function masksOf(bytes: StepBytes, fields: readonly Field[], revealed: boolean): ByteRange[] {
  const fromHost = bytes.masked.map(({ offset, length }) => ({ start: offset, end: offset + length }));
  return revealed ? fromHost : [...fromHost, ...secretRanges(fields)];
}
