import { i32be } from '../../capture/words';
import { versionFromNumber } from '../../postgres/constants';
import type { Step } from '../../trace/model';
import { Allowed } from './allowed';
import { foreignGreeting } from './foreign-greeting';
import {
  FILES,
  PARAMETER_VALUES,
  PARAMETERS,
  ROUTINES,
  SASL_MECHANISMS,
  SEVERITIES,
  VERSION,
} from './known-postgres';
import type { Names } from './names';
import { blank, blankHex, blankSasl } from './secrets';

/** Type byte and length word; behind it what a request for authentication asks for. */
const HEADER = 5;
const AUTHENTICATION = 9;
/** A packet without a type: length word, then version or code. */
const STARTUP_HEADER = 8;
const LENGTH = 4;
/** Clients ask for 3.9999 to see whether servers negotiate; two letters make a higher major version. */
const HIGHEST_MAJOR = 9;
const HIGHEST_MINOR = 9999;
/** Of the codes of CancelRequest, SSLRequest and GSSENCRequest, read as a version. */
const REQUEST_MAJOR = 1234;

/** How the step of an answer ends that is none. */
const OTHER = ' other';

/** Longer messages are not followed where nobody has read them. */
const LONGEST_UNREAD = 0xffff;

/** A query, the tag of what was done, a password: one string. */
const TEXT_TYPES = /^[QCp]$/;

const EXTENSION = '_pq_.';
const KNOWN_TYPES = /^[REvNSKZTDCIpQXBcdfFHPSAGntVW123]$/;

/** How each field of ErrorResponse and NoticeResponse is written anew, by its code (`PG_DIAG_…`). Others are letters. */
const ERROR_FIELDS: Readonly<Record<string, (out: Allowed, start: number, end: number) => void>> = {
  S: (out, start, end) => severity(out, start, end),
  V: (out, start, end) => severity(out, start, end),
  C: (out, start, end) => out.formed(start, end, /^[\dA-Z]{5}$/),
  M: (out, start, end) => out.sentence(start, end),
  D: (out, start, end) => out.sentence(start, end),
  H: (out, start, end) => out.sentence(start, end),
  W: (out, start, end) => out.sentence(start, end),
  P: (out, start, end) => out.formed(start, end, /^\d{1,6}$/),
  p: (out, start, end) => out.formed(start, end, /^\d{1,6}$/),
  L: (out, start, end) => out.formed(start, end, /^\d{1,6}$/),
  s: (out, start, end) => out.name(start, end),
  t: (out, start, end) => out.name(start, end),
  c: (out, start, end) => out.name(start, end),
  d: (out, start, end) => out.name(start, end),
  n: (out, start, end) => out.name(start, end),
  F: (out, start, end) => out.known(start, end, FILES),
  R: (out, start, end) => out.known(start, end, ROUTINES),
};

/** Severities are translated: what is not known is letters. */
function severity(out: Allowed, start: number, end: number): void {
  const text = out.text(start, end);
  if (SEVERITIES.has(text)) out.keep(start, end);
  else out.letters(start, end);
}

/** Writes the bytes of one message anew, given its step: what PostgreSQL's protocol fixes stays, and nothing else. */
export function redactPostgres(step: Pick<Step, 'message'>, bytes: Uint8Array, names: Names): void {
  const out = new Allowed(bytes, names);
  const { message } = step;
  if (message.startsWith('SSLResponse') || message.startsWith('GSSENCResponse')) redactAnswer(message, out);
  else if (message === 'StartupMessage' || message === 'Malformed startup packet') redactStartup(out);
  else if (/^(SSLRequest|GSSENCRequest|CancelRequest)$/.test(message)) {
    out.keep(0, STARTUP_HEADER);
    out.zeros(STARTUP_HEADER + 4, out.length);
  } else if (message === 'Unreadable data') redactUnreadable(out);
  else redactTyped(message, out);
}

/** Messages that no step tells of: where one follows the other to the last, their types and lengths stay; of another service what tells it. */
export function redactUnread(bytes: Uint8Array): void {
  const source = bytes.slice();
  bytes.fill(0);
  bytes.set(source.subarray(0, foreignGreeting(source)));
  for (let at = 0; at + HEADER <= source.length; ) {
    const type = String.fromCharCode(source[at]);
    const length = (source[at + 1] << 24) | (source[at + 2] << 16) | (source[at + 3] << 8) | source[at + 4];
    if (!KNOWN_TYPES.test(type) || length < HEADER - 1 || length > LONGEST_UNREAD) return;
    bytes.set(source.subarray(at, at + HEADER), at);
    const end = Math.min(at + 1 + length, source.length);
    if (TEXT_TYPES.test(type)) bytes.fill(0x78, at + HEADER, end - 1);
    at += 1 + length;
  }
}

/** What tells another service stays; else the type, which begins what nobody can read, before a length that none has. */
function redactUnreadable(out: Allowed): void {
  const greeting = foreignGreeting(out.source);
  out.keep(0, greeting);
  if (greeting > 0 || !KNOWN_TYPES.test(String.fromCharCode(out.source[0]))) return;
  out.keep(0, 1);
  out.bytes.fill(0xff, 1, HEADER);
}

function redactTyped(message: string, out: Allowed): void {
  const type = String.fromCharCode(out.source[0]);
  if (message === 'Incomplete message' && out.source[0] === 0) keepStartupHeader(out);
  if (!KNOWN_TYPES.test(type)) return;
  if (message === 'ErrorResponse' && !hasOwnLength(out)) {
    redactOldError(out);
    return;
  }
  out.keep(0, HEADER);
  if (message.startsWith('Authentication')) redactAuthentication(message, out);
  else if (message === 'ErrorResponse' || message === 'NoticeResponse') redactError(out);
  else if (message === 'ParameterStatus') redactParameter(out, HEADER, out.length);
  else if (message === 'NegotiateProtocolVersion') redactNegotiate(out);
  else if (message === 'ReadyForQuery') out.formed(HEADER, HEADER + 1, /^[ITE]$/);
  else if (message === 'BackendKeyData') out.zeros(HEADER + 4, out.length);
  else if (message === 'PasswordMessage') blankHex(out, HEADER, out.stringEnd(HEADER));
  else if (message === 'SASLInitialResponse') redactInitialResponse(out);
  else if (message === 'SASLResponse') blankSasl(out, HEADER, out.length);
  else if (message === 'Query' || message === 'CommandComplete') out.letters(HEADER, out.stringEnd(HEADER));
  else if (message === 'DataRow') redactRow(out);
  else if (message === 'RowDescription') redactColumns(out);
  else if (message === 'GSSResponse') out.zeros(HEADER, out.length);
}

/** Whether the length word says how long the bytes are. */
function hasOwnLength({ source }: Allowed): boolean {
  return (
    source.length >= HEADER &&
    ((source[1] << 24) | (source[2] << 16) | (source[3] << 8) | source[4]) === source.length - 1
  );
}

/** One byte that answers a request for encryption; `E` begins an error, anything else another service's greeting. */
function redactAnswer(message: string, out: Allowed): void {
  const letter = String.fromCharCode(out.source[0]);
  if (/^[SNG]$/.test(letter) && !message.endsWith(OTHER)) out.keep(0, 1);
  else if (letter !== 'E') out.keep(0, foreignGreeting(out.source));
  else if (hasOwnLength(out)) {
    out.keep(0, HEADER);
    redactError(out);
  } else redactOldError(out);
}

/** `E`, a sentence and a NUL: the form before protocol 3. */
function redactOldError(out: Allowed): void {
  const end = out.stringEnd(1);
  out.keep(0, 1);
  out.sentence(1, end);
}

/** The length, and a version that PostgreSQL has or may have once; four bytes of something else become zeros. */
function keepStartupHeader(out: Allowed): void {
  out.keep(0, LENGTH);
  if (out.length < STARTUP_HEADER) return;
  const { major, minor } = versionFromNumber(i32be(out.source, LENGTH));
  const isRequest = major === REQUEST_MAJOR && minor >= 5678 && minor <= 5680;
  if (isRequest || (major <= HIGHEST_MAJOR && minor <= HIGHEST_MINOR)) out.keep(LENGTH, STARTUP_HEADER);
}

function redactStartup(out: Allowed): void {
  keepStartupHeader(out);
  for (let at = STARTUP_HEADER; at < out.length && out.source[at] !== 0; ) {
    at = redactParameter(out, at, out.length);
  }
}

/** A parameter's name and value, each with its NUL. @returns where the next begins. */
function redactParameter(out: Allowed, start: number, limit: number): number {
  const end = out.stringEnd(start, limit);
  const name = out.text(start, end);
  const prefix = !PARAMETERS.has(name) && name.startsWith(EXTENSION) ? EXTENSION.length : 0;
  out.keep(start, start + prefix);
  out.known(start + prefix, end, PARAMETERS);
  const value = Math.min(end + 1, limit);
  const valueEnd = out.stringEnd(value, limit);
  redactValue(out, name, value, valueEnd);
  return valueEnd + 1;
}

function redactValue(out: Allowed, name: string, start: number, end: number): void {
  if (name === 'user' || name === 'database' || name === 'session_authorization') {
    out.name(start, end);
  } else if (name === 'server_version') {
    // Behind the number stands who built it.
    const space = out.text(start, end).indexOf(' ');
    const number = space < 0 ? end : start + space;
    out.formed(start, number, VERSION);
    out.keep(number, Math.min(number + 1, end));
    out.name(Math.min(number + 1, end), end);
  } else if (name === 'scram_iterations' || name === 'extra_float_digits') {
    out.formed(start, end, /^-?\d{1,7}$/);
  } else if (PARAMETERS.has(name) && name !== 'application_name') {
    out.known(start, end, PARAMETER_VALUES);
  } else {
    out.name(start, end);
  }
}

function redactAuthentication(message: string, out: Allowed): void {
  out.keep(HEADER, AUTHENTICATION);
  if (message === 'AuthenticationSASL') {
    for (let at = AUTHENTICATION; at < out.length && out.source[at] !== 0; ) {
      const end = out.stringEnd(at);
      out.known(at, end, SASL_MECHANISMS);
      at = end + 1;
    }
  } else if (message === 'AuthenticationSASLContinue' || message === 'AuthenticationSASLFinal') {
    blankSasl(out, AUTHENTICATION, out.length);
  } else {
    out.zeros(AUTHENTICATION, out.length);
  }
}

function redactInitialResponse(out: Allowed): void {
  const end = out.stringEnd(HEADER);
  out.known(HEADER, end, SASL_MECHANISMS);
  out.keep(end + 1, end + 5);
  blankSasl(out, Math.min(end + 5, out.length), out.length);
}

function redactNegotiate(out: Allowed): void {
  out.keep(HEADER, HEADER + 8);
  for (let at = HEADER + 8; at < out.length; ) {
    const end = out.stringEnd(at);
    const prefix = out.text(at, end).startsWith(EXTENSION) ? EXTENSION.length : 0;
    out.keep(at, at + prefix);
    out.name(at + prefix, end);
    at = end + 1;
  }
}

/** A number of values, each with its length; -1 for NULL. */
function redactRow(out: Allowed): void {
  out.keep(HEADER, HEADER + 2);
  for (let at = HEADER + 2; at + 4 <= out.length; ) {
    out.keep(at, at + 4);
    const length = new DataView(out.source.buffer, out.source.byteOffset).getInt32(at);
    out.zeros(at + 4, at + 4 + Math.max(0, length));
    at += 4 + Math.max(0, length);
  }
}

/** A number of columns, each with its name and 18 bytes of numbers. */
function redactColumns(out: Allowed): void {
  out.keep(HEADER, HEADER + 2);
  for (let at = HEADER + 2; at < out.length; ) {
    const end = out.stringEnd(at);
    out.name(at, end);
    at = end + 19;
  }
}

function redactError(out: Allowed): void {
  for (let at = HEADER; at < out.length && out.source[at] !== 0; ) {
    const code = String.fromCharCode(out.source[at]);
    const end = out.stringEnd(at + 1);
    out.keep(at, at + 1);
    const write = Object.hasOwn(ERROR_FIELDS, code) ? ERROR_FIELDS[code] : blank;
    write(out, at + 1, end);
    at = end + 1;
  }
}
