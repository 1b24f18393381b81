/** Whether bytes start a TLS connection, before any of it is parsed. */
import { MAX_RECORD } from './record';

/** What the byte of each index must be. */
const TESTS: readonly ((bytes: Uint8Array) => boolean)[] = [
  (b) => b[0] === 22,
  (b) => b[1] === 3,
  (b) => b[2] <= 4,
  (b) => b[3] <= MAX_RECORD >> 8,
  (b) => ((b[3] << 8) | b[4]) >= 4 && ((b[3] << 8) | b[4]) <= MAX_RECORD,
  (b) => b[5] === 1,
  // A hello of 64 KiB or more does not exist.
  (b) => b[6] === 0,
];

/**
 * Asks for a handshake record that starts with a ClientHello.
 * @returns `more` when what is there fits but is too short to tell.
 */
export function looksLikeClientHello(bytes: Uint8Array): 'yes' | 'no' | 'more' {
  for (let i = 0; i < TESTS.length; i++) {
    if (i >= bytes.length) return 'more';
    if (!TESTS[i](bytes)) return 'no';
  }
  return 'yes';
}
