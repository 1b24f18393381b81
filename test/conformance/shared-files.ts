import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { isGzip } from '../../src/capture/format';
import { besidePath, isBeside, notBeside } from '../support/beside';

/** Captures of other origin, beside the checkout where there are any. They are not part of the project. */
const folder = besidePath('captures');

export const sharedCapturesPresent = isBeside('captures');

/** For the name of a test that needs them: why it is skipped, if it is. */
export const withoutSharedCaptures = sharedCapturesPresent ? '' : ` (skipped: ${notBeside('captures')})`;

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
