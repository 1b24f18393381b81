/** Other services by their first bytes: what answers, or asks, where a database was meant. */
import { utf8 } from '../base/bytes';

/** Stable names of services; words are made of them by language. */
export type ServiceName =
  | 'http'
  | 'ssh'
  | 'mysql'
  | 'mail'
  | 'ftp'
  | 'imap'
  | 'pop3'
  | 'redis'
  | 'memcached'
  | 'amqp'
  | 'ldap'
  | 'oracle'
  | 'mssql'
  | 'cassandra'
  | 'kafka'
  | 'zookeeper'
  | 'nats'
  | 'vnc'
  | 'rdp'
  | 'telnet'
  | 'rtsp'
  | 'mongodb'
  | 'postgres'
  | 'tls'
  | 'json'
  | 'text';

interface Sign {
  readonly service: ServiceName;
  /** @param text the same bytes as text; empty where they cannot begin one. */
  readonly test: (bytes: Uint8Array, text: string) => boolean;
}

/** What servers say first, or answer to what they do not understand. The first sign that fits decides. */
const SERVERS: readonly Sign[] = [
  text('http', /^(HTTP\/\d|<(!doctype|html|\?xml)[\s>])/i),
  text('rtsp', /^(RTSP|SIP)\/\d/),
  text('ssh', /^SSH-\d/),
  { service: 'mysql', test: isMysqlGreeting },
  text('mail', /^(220|421|554)[ -].*(SMTP|mail)/i),
  text('ftp', /^(220|421|530)[ -]/),
  text('imap', /^\* (OK|PREAUTH|BYE)\b/),
  text('pop3', /^\+OK \S/),
  text('redis', /^(-(ERR|NOAUTH|DENIED|WRONGPASS|LOADING|READONLY|MISCONF)\b|\+(OK|PONG)\r\n)/),
  text('memcached', /^(ERROR\r\n|(CLIENT|SERVER)_ERROR )/),
  text('nats', /^INFO \{/),
  text('vnc', /^RFB \d{3}/),
  { service: 'amqp', test: (b, t) => t.startsWith('AMQP') && b.length >= 8 && b[4] < 4 },
  { service: 'ldap', test: isLdap },
  { service: 'oracle', test: (b) => isTns(b, [2, 4, 5, 11, 12]) },
  { service: 'mssql', test: (b) => isTds(b, 0x04) },
  { service: 'cassandra', test: (b) => isCassandra(b, 0x83) && b[4] <= 0x10 },
  { service: 'rdp', test: (b) => isTpkt(b, 0xd0) },
  { service: 'telnet', test: (b) => b.length >= 3 && b[0] === 0xff && b[1] >= 0xfb && b[1] <= 0xfe },
  { service: 'tls', test: isTlsAnswer },
  { service: 'mongodb', test: isMongo },
  { service: 'postgres', test: isPostgresAnswer },
  { service: 'text', test: isText },
];

/** What clients say first. */
const CLIENTS: readonly Sign[] = [
  text('rtsp', /^[A-Z]+ \S+ (RTSP|SIP)\/\d/),
  text('http', /^(GET|POST|PUT|HEAD|OPTIONS|DELETE|PATCH|TRACE|CONNECT|PRI) ./),
  text('ssh', /^SSH-\d/),
  text('redis', /^(\*\d+\r\n\$\d|(PING|INFO|AUTH [^\r\n]*|QUIT)\r?\n)/i),
  text('mail', /^(EHLO|HELO|LHLO) ?/i),
  text('imap', /^[A-Za-z0-9]{1,8} (CAPABILITY|LOGIN|STARTTLS|NOOP)\b/),
  text('memcached', /^(stats|version|gets? [^\r\n]+)\r\n/),
  { service: 'amqp', test: (b, t) => t.startsWith('AMQP') && b.length >= 8 && b[4] < 4 },
  { service: 'ldap', test: isLdap },
  { service: 'oracle', test: (b) => isTns(b, [1]) },
  { service: 'mssql', test: (b) => isTds(b, 0x12) || isTds(b, 0x10) },
  { service: 'cassandra', test: (b) => isCassandra(b, 3) && (b[4] === 5 || b[4] === 1) },
  // ApiVersions is what a client of Kafka asks first.
  {
    service: 'kafka',
    test: (b) =>
      b.length >= 12 && b[0] === 0 && b[1] === 0 && b[4] === 0 && b[5] === 18 && b[6] === 0 && b[7] <= 4,
  },
  {
    service: 'zookeeper',
    test: (b) =>
      b.length >= 8 &&
      b[0] === 0 &&
      b[1] === 0 &&
      b[2] === 0 &&
      (b[3] === 44 || b[3] === 45) &&
      isZero(b, 4, 8),
  },
  { service: 'rdp', test: (b) => isTpkt(b, 0xe0) },
  { service: 'mongodb', test: isMongo },
  { service: 'postgres', test: isPostgresStart },
  text('json', /^\s*[{[]\s*"/),
  { service: 'text', test: isText },
];

/**
 * Which other service sent these first bytes as a server. A text that begins with S, N or E is one, too: such a byte answers an SSLRequest
 * of PostgreSQL only if no other text follows it.
 *
 * @param bytes the first bytes of the server; a few dozen are enough.
 * @returns null when they are of none that is known.
 */
export function foreignService(bytes: Uint8Array): ServiceName | null {
  return named(SERVERS, bytes);
}

/** Which other service's client sent these first bytes. */
export function foreignClient(bytes: Uint8Array): ServiceName | null {
  return named(CLIENTS, bytes);
}

/** Whether a side of the product itself begins so. */
export function isOwn(product: 'PostgreSQL' | 'MongoDB', bytes: Uint8Array): boolean {
  return product === 'MongoDB' ? isMongo(bytes) : isPostgresAnswer(bytes) || isPostgresStart(bytes);
}

/** What a text protocol said, one line that can be quoted; undefined where it is no text. */
export function firstLine(bytes: Uint8Array): string | undefined {
  const line = /^[\t\x20-\x7e\u00a0-\uffff]{3,}/.exec(utf8(bytes))?.[0].trim();
  return line === undefined || line === '' ? undefined : line;
}

function named(signs: readonly Sign[], bytes: Uint8Array): ServiceName | null {
  if (bytes.length < 2) return null;
  const said = beginsAsText(bytes[0]) ? utf8(bytes) : '';
  return signs.find(({ test }) => test(bytes, said))?.service ?? null;
}

/** A printed character of ASCII, white space, or the first byte of another one in UTF-8: what begins otherwise is no text protocol's. */
function beginsAsText(first: number): boolean {
  return (first >= 0x20 && first < 0x7f) || (first >= 0x09 && first <= 0x0d) || first >= 0xc2;
}

function text(service: ServiceName, pattern: RegExp): Sign {
  return { service, test: (_, said) => pattern.test(said) };
}

/** Length 3 bytes, sequence 0, then protocol 10 and a version text, or an error packet. */
export function isMysqlGreeting(bytes: Uint8Array): boolean {
  if (bytes.length < 6 || bytes[3] !== 0) return false;
  const length = bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
  if (length < 2 || length > 1024) return false;
  return (bytes[4] === 10 && bytes[5] >= 0x30 && bytes[5] <= 0x39) || bytes[4] === 0xff;
}

/** RFC 4511 section 4.1.1: a sequence of a message id and an operation of class APPLICATION. */
function isLdap(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x30) return false;
  const at = bytes[1] < 0x80 ? 2 : 2 + (bytes[1] & 0x7f);
  const id = bytes[at + 1];
  if (bytes[1] > 0x84 || bytes[at] !== 0x02 || id < 1 || id > 4) return false;
  return (bytes[at + 2 + id] & 0xc0) === 0x40;
}

/** Oracle Net: length, checksum 0, type, 0, header checksum 0. */
function isTns(bytes: Uint8Array, types: readonly number[]): boolean {
  if (bytes.length < 8 || !isZero(bytes, 2, 4) || !isZero(bytes, 6, 8)) return false;
  return types.includes(bytes[4]) && bytes[0] < 0x20 && ((bytes[0] << 8) | bytes[1]) >= 8;
}

/** MS-TDS section 2.2.3.1: type, last packet, length, process, number, window 0. */
function isTds(bytes: Uint8Array, type: number): boolean {
  if (bytes.length < 8 || bytes[0] !== type || bytes[1] > 1 || bytes[7] !== 0) return false;
  const length = (bytes[2] << 8) | bytes[3];
  return length >= 8 && length <= 32768;
}

/** Its native protocol, versions 3 to 5: version, flags, stream, opcode, and a length that no first message has more of than 16 bits. */
function isCassandra(bytes: Uint8Array, version: number): boolean {
  if (bytes.length < 9 || bytes[0] < version || bytes[0] > version + 2) return false;
  return bytes[1] < 0x20 && isZero(bytes, 5, 7);
}

/** RFC 1006: version 3, reserved, length; then a connection request or confirmation of X.224. */
function isTpkt(bytes: Uint8Array, type: number): boolean {
  return (
    bytes.length >= 7 && bytes[0] === 3 && bytes[1] === 0 && bytes[2] === 0 && (bytes[5] & 0xf0) === type
  );
}

/** An alert or a ServerHello in the clear: TLS is spoken from the first byte. */
function isTlsAnswer(bytes: Uint8Array): boolean {
  if (bytes.length < 6 || bytes[1] !== 3 || bytes[2] > 4) return false;
  if (bytes[0] === 0x15) return bytes[3] === 0 && bytes[4] === 2 && (bytes[5] === 1 || bytes[5] === 2);
  return bytes[0] === 0x16 && bytes[5] === 2;
}

/** A message header of MongoDB with an opcode of today or yesterday. */
function isMongo(bytes: Uint8Array): boolean {
  if (bytes.length < 16 || bytes[3] > 2) return false;
  const length = bytes[0] | (bytes[1] << 8) | (bytes[2] << 16) | (bytes[3] << 24);
  const opcode = bytes[12] | (bytes[13] << 8);
  return length >= 16 && isZero(bytes, 14, 16) && [1, 2004, 2010, 2011, 2012, 2013].includes(opcode);
}

/** ErrorResponse or an authentication request. */
function isPostgresAnswer(bytes: Uint8Array): boolean {
  if (bytes.length < 9 || bytes[1] !== 0 || bytes[2] !== 0) return false;
  if (bytes[0] === 0x45) return bytes[5] === 0x53;
  return bytes[0] === 0x52 && isZero(bytes, 5, 8) && bytes[8] <= 12;
}

/** SSLRequest, GSSENCRequest, CancelRequest or a StartupMessage of version 3. */
function isPostgresStart(bytes: Uint8Array): boolean {
  if (bytes.length < 8 || bytes[0] !== 0 || bytes[1] !== 0) return false;
  if (bytes[4] === 0x04 && bytes[5] === 0xd2 && bytes[6] === 0x16)
    return bytes[7] >= 0x2e && bytes[7] <= 0x30;
  return bytes[4] === 0 && bytes[5] === 3 && bytes[6] === 0 && bytes[7] <= 2;
}

/** What PostgreSQL sends before TLS when it cannot start a process: the old form of an error, E and a text. */
const OLD_ERROR = /^E(could not|FATAL|ERROR|PANIC|out of|unsupported |invalid |no |sorry|the database)/;

/** Printable from the start. */
function isText(bytes: Uint8Array, said: string): boolean {
  if (bytes.length < 4 || OLD_ERROR.test(said)) return false;
  return /^[\t\r\n\x20-\x7e]{4}/.test(said) && !said.includes('\0') && firstLine(bytes) !== undefined;
}

function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return false;
  return true;
}
