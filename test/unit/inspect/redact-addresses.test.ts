import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressBook, AddressCipher } from '../../../src/inspect/redaction/addresses';
import { redactHeaders } from '../../../src/inspect/redaction/packet-headers';
import { parseAddress } from '../../../src/network/address';
import { checksum, sum } from '../../../src/network/checksum';
import { buildPacket } from '../../../src/network/packet-builder';

const cipher = (seed = 1) => new AddressCipher((length) => new Uint8Array(length).fill(seed));

/** How many of their first bits two addresses have in common. */
function common(a: Uint8Array, b: Uint8Array): number {
  for (let bit = 0; bit < 8 * a.length; bit++) {
    if (((a[bit >> 3] ^ b[bit >> 3]) >> (7 - (bit & 7))) & 1) return bit;
  }
  return 8 * a.length;
}

describe('addresses in the place of others', () => {
  it.each([4, 16])('of %i bytes have as many first bits in common', (length) => {
    const address = fc.uint8Array({ minLength: length, maxLength: length });
    const one = cipher();
    fc.assert(
      fc.property(address, address, fc.nat(length - 1), (a, b, same) => {
        b.set(a.subarray(0, same));
        expect(common(one.instead(a), one.instead(b))).toBe(common(a, b));
      }),
      { numRuns: 60 },
    );
  });

  it('are others under another key, and the same for the same one', () => {
    const address = Uint8Array.of(192, 0, 2, 1);
    expect(cipher(1).instead(address)).toEqual(cipher(1).instead(address));
    expect(cipher(1).instead(address)).not.toEqual(cipher(2).instead(address));
    const mapped = parseAddress('::ffff:192.0.2.1') as Uint8Array;
    expect(cipher().instead(mapped).subarray(12)).toEqual(cipher().instead(address));
  });

  it('stand in texts as long as before, or as zeros', () => {
    const book = new AddressBook(['192.0.2.1'], cipher());
    expect(book.text('192.0.2.1')).toHaveLength(9);
    expect(book.text('192.0.2.1')).not.toContain('192');
    expect(book.text('192.0.2.2')).toBeUndefined();
    expect(new AddressBook(['192.0.2.1']).text('192.0.2.1')).toBe('192.0.2.1');
  });

  it('are in the headers, with a right checksum and without those of the link layer', () => {
    const ends = {
      source: { address: '192.0.2.1', port: 5 },
      destination: { address: '192.0.2.2', port: 6 },
    };
    const bytes = buildPacket({
      ...ends,
      sequence: 1,
      acknowledgment: 2,
      flags: 16,
      payload: Uint8Array.of(9),
    });
    const before = bytes.slice();
    redactHeaders(bytes, 1, cipher());
    expect(bytes.subarray(0, 12)).toEqual(new Uint8Array(12));
    expect(bytes.subarray(26, 30)).toEqual(cipher().instead(before.subarray(26, 30)));
    expect(checksum(sum(bytes, 14, 34))).toBe(0);
    expect(bytes.subarray(34, 50)).toEqual(before.subarray(34, 50));
  });
});
