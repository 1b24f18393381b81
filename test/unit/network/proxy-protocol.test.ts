import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, utf8Bytes } from '../../../src/base/bytes';
import { parseProxyHeader } from '../../../src/network/proxy-protocol';

const SIGNATURE = new Uint8Array([0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
const NEXT = utf8Bytes('next');

function v2(command: number, family: number, body: number[]): Uint8Array {
  return concat(
    SIGNATURE,
    new Uint8Array([0x20 | command, family, body.length >> 8, body.length & 255, ...body]),
  );
}

const TCP4 = v2(1, 0x11, [192, 0, 2, 1, 192, 0, 2, 2, 0x9c, 0x40, 0x15, 0x38]);

describe('a header of the PROXY protocol', () => {
  it.each<[string, Uint8Array, 1 | 2, string]>([
    [
      'IPv4 in words',
      utf8Bytes('PROXY TCP4 192.0.2.1 192.0.2.2 40000 5432\r\n'),
      1,
      'TCP4 192.0.2.1:40000 → 192.0.2.2:5432',
    ],
    [
      'IPv6 in words',
      utf8Bytes('PROXY TCP6 2001:db8::1 2001:db8::2 40000 5432\r\n'),
      1,
      'TCP6 [2001:db8::1]:40000 → [2001:db8::2]:5432',
    ],
    ['of an unknown kind', utf8Bytes('PROXY UNKNOWN\r\n'), 1, 'UNKNOWN'],
    ['in bytes', TCP4, 2, 'TCP4 192.0.2.1:40000 → 192.0.2.2:5432'],
    [
      'in bytes with more values',
      v2(1, 0x11, [...TCP4.slice(16), 3, 0, 4, 1, 2, 3, 4]),
      2,
      'TCP4 192.0.2.1:40000 → 192.0.2.2:5432',
    ],
    ['of a check by the load balancer itself', v2(0, 0, []), 2, 'LOCAL'],
    ['of a Unix socket', v2(1, 0x31, new Array(216).fill(0)), 2, 'UNKNOWN'],
  ])('%s', (_, header, version, about) => {
    expect(parseProxyHeader(concat(header, NEXT))).toEqual({ version, about, bytes: header.length });
    for (let length = 0; length < header.length; length++) {
      expect(parseProxyHeader(header.slice(0, length))).toBe('more');
    }
  });

  it.each([
    ['another text', 'PROXIMITY'],
    ['a family that does not exist', 'PROXY TCP5 1 2 3 4\r\n'],
    ['a line without CR', 'PROXY UNKNOWN\n'],
    ['a line that does not end', `PROXY TCP4 ${'x'.repeat(120)}`],
    ['a request in HTTP', 'POST / HTTP/1.1\r\n'],
  ])('is not: %s', (_, text) => {
    expect(parseProxyHeader(utf8Bytes(text))).toBeNull();
  });

  it('is read within its bytes, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(SIGNATURE, utf8Bytes('PROXY '), NEXT),
        fc.uint8Array({ maxLength: 300 }),
        (head, tail) => {
          const header = parseProxyHeader(concat(head, tail));
          if (header !== null && header !== 'more')
            expect(header.bytes).toBeLessThanOrEqual(head.length + tail.length);
        },
      ),
    );
  });
});
