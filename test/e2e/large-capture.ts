// Captures of a size that no fixture has, written in seconds out of the benchmark's smaller ones.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { root } from '../../scripts/paths.mjs';
import { type CaptureKind, makeCapture } from '../bench/make-capture';

const HEADER_BYTES = 24;

/** Seconds between two copies: the same packets at the same time would be one connection recorded twice. */
const APART = 60;

/**
 * The same packets come again and again, each time later: connections whose ports are used once more.
 *
 * @returns packets in the file
 */
export function writeLargeCapture(file: string, kind: CaptureKind, atLeastBytes: number): number {
  const part = makeCapture(root, kind, 100_000);
  const bytes = readFileSync(part.file);
  const out = openSync(file, 'w');
  let written = writeSync(out, bytes, 0, HEADER_BYTES);
  let packets = 0;
  while (written < atLeastBytes) {
    written += writeSync(out, bytes, HEADER_BYTES);
    packets += part.packets;
    makeLater(bytes);
  }
  closeSync(out);
  return packets;
}

/** Moves every record of a classic little-endian capture. */
function makeLater(bytes: Buffer): void {
  for (let at = HEADER_BYTES; at + 16 <= bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) {
    bytes.writeUInt32LE(bytes.readUInt32LE(at) + APART, at);
  }
}
