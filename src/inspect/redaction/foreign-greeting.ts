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
  // Beginnings of records of TLS, and of messages of PostgreSQL.
  /^\x15\x03[\0-\x04]\0\x02[\x01\x02][\s\S]/,
  /^[RE]\0\0[\s\S]{2}/,
  /^[\x80-\xff][\s\S]\x01/,
];

/** How many of the first bytes say what kind of service speaks; 0 where nobody knows. */
export function foreignGreeting(bytes: Uint8Array): number {
  const text = latin1(bytes, 0, Math.min(bytes.length, 32));
  for (const greeting of GREETINGS) {
    const length = greeting.exec(text)?.[0].length;
    if (length !== undefined) return length;
  }
  return 0;
}
