import { utf8 } from '../base/bytes';

/** What a server that is not the expected one says first, as the start of its first bytes. */
const GREETINGS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^HTTP\/\d/, 'an HTTP server'],
  [/^<(!doctype|html)/i, 'an HTTP server'],
  [/^SSH-\d/, 'an SSH server'],
  [/^220[ -]/, 'a mail or FTP server'],
  [/^\* OK/, 'an IMAP server'],
  [/^\+OK/, 'a POP3 server'],
  [/^-(ERR|NOAUTH|DENIED)/, 'a Redis server'],
  [/^It looks like you are trying to access MongoDB/, 'an HTTP answer of MongoDB'],
];

/**
 * Names the service behind `first`, the first bytes a server sent, where they are those of a well-known other protocol.
 * Undefined when they are not.
 */
export function foreignService(first: Uint8Array): string | undefined {
  const text = utf8(first.subarray(0, 64));
  for (const [pattern, what] of GREETINGS) if (pattern.test(text)) return what;
  // TLS alert record (RFC 8446 section 5.1): type 21, version 3.x.
  if (first.length >= 3 && first[0] === 0x15 && first[1] === 0x03)
    return 'a server that expects TLS from the first byte';
  // MySQL's greeting: 3-byte length, sequence 0, protocol version 10, then a version that begins with a digit.
  if (first.length >= 6 && first[3] === 0 && first[4] === 10 && first[5] >= 0x30 && first[5] <= 0x39) {
    return 'a MySQL server';
  }
  return undefined;
}
