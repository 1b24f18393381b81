import { utf8 } from '../../base/bytes';

const TEXTS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^HTTP\//, 'an HTTP server'],
  [/^<(!doctype|html)/i, 'an HTTP server'],
  [/^SSH-/, 'an SSH server'],
  [/^220[ -]/, 'a mail or FTP server'],
  [/^\* OK/, 'an IMAP server'],
  [/^\+OK/, 'a POP3 server'],
  [/^-(ERR|NOAUTH|DENIED)/, 'a Redis server'],
];

/** What kind of service sent these first bytes instead of PostgreSQL. */
export function foreignService(bytes: Uint8Array): string {
  const text = utf8(bytes.subarray(0, 32));
  for (const [pattern, what] of TEXTS) if (pattern.test(text)) return what;
  if (bytes[0] === 0x15 && bytes[1] === 3) return 'a server that speaks TLS from the first byte';
  if (isMysqlGreeting(bytes)) return 'a MySQL server';
  return 'another service';
}

/** Length 3 bytes, sequence 0, then protocol 10 and a version text, or an error packet. */
export function isMysqlGreeting(bytes: Uint8Array): boolean {
  if (bytes.length < 6 || bytes[3] !== 0) return false;
  const length = bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
  if (length < 2 || length > 1024) return false;
  return (bytes[4] === 10 && bytes[5] >= 0x30 && bytes[5] <= 0x39) || bytes[4] === 0xff;
}
