import { describe, expect, it } from 'vitest';
import { canBePlain } from '../../../src/tls/can-be-plain';

const ALERT = 21;
const HANDSHAKE = 22;
/** What a cipher leaves: no structure at all. */
const SEALED = new Uint8Array(40).map((_, i) => (i * 73 + 150) & 255);
/** The same behind the explicit nonce of a first record. */
const NONCE_FIRST = new Uint8Array(40).map((_, i) => (i < 8 ? 0 : (i * 73 + 150) & 255));

function message(type: number, length: number, more: number[] = []): Uint8Array {
  return new Uint8Array([type, 0, length >> 8, length & 255, ...new Array(length).fill(7), ...more]);
}

describe('a record after missing bytes', () => {
  it.each<[string, boolean, number, Uint8Array]>([
    ['an alert', true, ALERT, new Uint8Array([2, 40])],
    ['an alert without a name', false, ALERT, new Uint8Array([2, 150])],
    ['an alert of no level', false, ALERT, new Uint8Array([7, 40])],
    ['a sealed alert', false, ALERT, SEALED.slice(0, 26)],
    ['a ClientHello', true, HANDSHAKE, message(1, 30)],
    ['Certificate and ServerHelloDone', true, HANDSHAKE, message(11, 30, [14, 0, 0, 0])],
    ['the beginning of a long chain', true, HANDSHAKE, new Uint8Array([11, 0, 64, 0, 1, 2, 3])],
    ['a sealed Finished', false, HANDSHAKE, SEALED],
    ['a sealed Finished behind a nonce of zeros', false, HANDSHAKE, NONCE_FIRST],
    ['a Finished, which is never plain', false, HANDSHAKE, message(20, 12)],
    ['a hello that is longer than its record', false, HANDSHAKE, new Uint8Array([1, 0, 64, 0, 1, 2, 3])],
    ['nothing', false, HANDSHAKE, new Uint8Array(0)],
  ])('%s: %s', (_, plain, type, content) => {
    expect(canBePlain(type, content)).toBe(plain);
  });
});
