import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from '../../../src/network/address';

describe('addresses as text', () => {
  it.each([
    ['0.0.0.0', '0.0.0.0'],
    ['255.1.20.3', '255.1.20.3'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:2:3:4:5:6:0:0', '1:2:3:4:5:6::'],
    ['0001:0020:0300:4000:5:6:7:8', '1:20:300:4000:5:6:7:8'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('%s is written %s (RFC 5952)', (text, canonical) => {
    const bytes = parseAddress(text) as Uint8Array;
    expect(formatAddress(bytes, 0, bytes.length)).toBe(canonical);
  });

  it.each([
    '',
    'localhost',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.4.5',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '12345::',
    'g::',
    '::1.2.3',
    '[::1]',
  ])('%j is not an address', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it('reads back what it writes', () => {
    const zeros = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })), {
      minLength: 16,
      maxLength: 16,
    });
    fc.assert(
      fc.property(zeros, (values) => {
        const bytes = Uint8Array.from(values);
        const text = formatAddress(bytes, 0, 16);
        expect(isIP(text)).toBe(6);
        expect(parseAddress(text)).toEqual(bytes);
      }),
    );
  });
});
