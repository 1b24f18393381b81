import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, hex } from '../../../src/base/bytes';
import { openCcm } from '../../../src/tls/ccm';

const bytes = (text: string) => fromHex(text.replaceAll(/\s/g, '')) as Uint8Array;

/** RFC 3610 section 8: key, nonce, associated data, plaintext, what is sent after the associated data, tag length. */
const VECTORS = [
  {
    name: 'packet vector 1',
    key: 'C0C1C2C3 C4C5C6C7 C8C9CACB CCCDCECF',
    nonce: '00000003 020100A0 A1A2A3A4 A5',
    associated: '00010203 04050607',
    plain: '08090A0B 0C0D0E0F 10111213 14151617 18191A1B 1C1D1E',
    sealed: '588C979A 61C663D2 F066D0C2 C0F98980 6D5F6B61 DAC38417 E8D12CFD F926E0',
    tag: 8,
  },
  {
    name: 'packet vector 2',
    key: 'C0C1C2C3 C4C5C6C7 C8C9CACB CCCDCECF',
    nonce: '00000004 030201A0 A1A2A3A4 A5',
    associated: '00010203 04050607',
    plain: '08090A0B 0C0D0E0F 10111213 14151617 18191A1B 1C1D1E1F',
    sealed: '72C91A36 E135F8CF 291CA894 085C87E3 CC15C439 C9E43A3B A091D56E 10400916',
    tag: 8,
  },
] as const;

describe('AES-CCM', () => {
  it.each(VECTORS)('opens RFC 3610 $name', ({ key, nonce, associated, plain, sealed, tag }) => {
    const open = (text: string) => openCcm(bytes(key), bytes(nonce), tag, bytes(associated), bytes(text));
    expect(hex(open(sealed) as Uint8Array)).toBe(hex(bytes(plain)));
    expect(open(`${sealed.slice(0, -1)}1`)).toBeUndefined();
    expect(open('00')).toBeUndefined();
  });

  it('opens what OpenSSL seals, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(16, 32),
        fc.constantFrom(8, 16),
        fc.uint8Array({ maxLength: 40 }),
        fc.uint8Array({ maxLength: 600 }),
        fc.nat(),
        (keyLength, tagLength, associated, plain, flip) => {
          const key = new Uint8Array(keyLength).fill(7);
          const nonce = new Uint8Array(12).fill(9);
          const cipher = createCipheriv(`aes-${keyLength * 8}-ccm` as 'aes-128-ccm', key, nonce, {
            authTagLength: tagLength,
          });
          cipher.setAAD(associated, { plaintextLength: plain.length });
          const sealed = concat(cipher.update(plain), cipher.final(), cipher.getAuthTag());
          expect(openCcm(key, nonce, tagLength, associated, sealed)).toEqual(plain);
          const damaged = sealed.slice();
          damaged[flip % damaged.length] ^= 1;
          expect(openCcm(key, nonce, tagLength, associated, damaged)).toBeUndefined();
        },
      ),
    );
  });
});
