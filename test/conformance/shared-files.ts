import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { isGzip } from '../../src/capture/format';

/** Captures of other origin, beside the checkout where there are any. They are not part of the project. */
const folder = resolve(import.meta.dirname, '../../../shared/captures');

export const sharedCapturesPresent = existsSync(folder);

/** Paths below the folder, of all captures. */
export function sharedCaptures(): string[] {
  if (!sharedCapturesPresent) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(pcap|pcapng|cap|cap\.gz)$/.test(name))
    .sort();
}

export function sharedCapturePath(name: string): string {
  return join(folder, name);
}

/** The file's bytes, uncompressed. */
export function readSharedCapture(name: string): Uint8Array {
  const bytes = readFileSync(join(folder, name));
  return new Uint8Array(isGzip(bytes) ? gunzipSync(bytes) : bytes);
}
