import { latin1 } from './allowed';

/** Beginnings by which other services are told. */
const GREETINGS: readonly RegExp[] = [
  /^HTTP\/\d\.\d \d{3}(?= )/,
  /^HTTP\/\d\.\d/,
  /^HTTP\//,
  /^(GET|POST|PUT|HEAD|OPTIONS|CONNECT) /,
  /^<(!doctype|html)/i,
  /^SSH-(\d\.\d)?/,
  /^220[ -]/,
  /^\* OK/,
  /^\+OK/,
  /^-(ERR|NOAUTH|DENIED)/,
  // MySQL: length, sequence, protocol 10 and the first digit of a version, or an error packet.
  /^[\s\S]{2}\0\0(\n\d|\xff)/,
  // A message of PostgreSQL: its type and a length below 65,536.
  /^[RE]\0\0[\s\S]{2}/,
];

/** An alert of TLS, and a ClientHello of SSLv2: type, version and length, or length and type. */
const BINARY: readonly { readonly length: number; readonly test: (bytes: Uint8Array) => boolean }[] = [
  {
    length: 7,
    test: (b) => b[0] === 0x15 && b[1] === 3 && b[2] <= 4 && b[3] === 0 && b[4] === 2 && b[5] <= 2,
  },
  { length: 3, test: (b) => b[0] >= 0x80 && b[2] === 1 },
];

/** How many of the first bytes say what kind of service speaks; 0 where nobody knows. */
export function foreignGreeting(bytes: Uint8Array): number {
  const text = latin1(bytes, 0, Math.min(bytes.length, 32));
  for (const greeting of GREETINGS) {
    const length = greeting.exec(text)?.[0].length;
    if (length !== undefined) return length;
  }
  return BINARY.find(({ length, test }) => bytes.length >= length && test(bytes))?.length ?? 0;
}
