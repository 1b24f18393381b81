import { type Issue, issue, NO_ISSUES } from '../../base/issue';
import {
  CANCEL_REQUEST_CODE,
  GSSENC_REQUEST_CODE,
  LIMITS,
  SSL_REQUEST_CODE,
  versionFromNumber,
  versionText,
} from '../constants';
import { FieldReader } from './field-reader';
import { i32 } from './frame';
import type { DecodedMessage, FrontendMessage } from './message-types';
import { type SaslStage, saslField } from './sasl-fields';

/** Which of the four messages of type `p` the server is waiting for: they have one type byte and no other mark. */
export type AuthContext = 'password' | 'sasl-initial' | 'sasl' | 'gss';

/** Messages that do not belong to the start of a session, by type byte. */
const OTHER_TITLES: Readonly<Record<string, string>> = {
  B: 'Bind',
  C: 'Close',
  d: 'CopyData',
  c: 'CopyDone',
  f: 'CopyFail',
  D: 'Describe',
  E: 'Execute',
  H: 'Flush',
  F: 'FunctionCall',
  P: 'Parse',
  S: 'Sync',
};

/** By type byte, for one look per message. */
const IS_FRONTEND_TYPE = Array.from({ length: 256 }, (_, type) => {
  const letter = String.fromCharCode(type);
  return letter === 'p' || letter === 'Q' || letter === 'X' || letter in OTHER_TITLES;
});

/** Whether a client sends this type byte at all. */
export function isFrontendType(type: number): boolean {
  return IS_FRONTEND_TYPE[type] === true;
}

/**
 * A message without a type byte; `frame` is exactly one, as `frameStartup` found it.
 *
 * @param quiet without fields, and without parameters that only they show.
 */
export function parseStartupPacket(frame: Uint8Array, quiet = false): DecodedMessage<FrontendMessage> {
  const code = frame.length >= 8 ? i32(frame, 4) : 0;
  const reader = new FieldReader(frame, quiet);
  if (code === CANCEL_REQUEST_CODE) return parseCancel(reader);
  reader.length();
  if (code === SSL_REQUEST_CODE) {
    reader.i32('request code', () => `${SSL_REQUEST_CODE} (1234.5679)`);
    return done(reader, 'SSLRequest', { name: 'SSLRequest' });
  }
  if (code === GSSENC_REQUEST_CODE) {
    reader.i32('request code', () => `${GSSENC_REQUEST_CODE} (1234.5680)`);
    return done(reader, 'GSSENCRequest', { name: 'GSSENCRequest' });
  }
  return parseStartup(reader);
}

/**
 * A message with a type byte; `context` tells what a `p` is.
 *
 * @param quiet without fields.
 */
export function parseFrontend(
  frame: Uint8Array,
  context: AuthContext,
  quiet = false,
): DecodedMessage<FrontendMessage> {
  const type = String.fromCharCode(frame[0] ?? 0);
  const reader = new FieldReader(frame, quiet);
  reader.header();
  switch (type) {
    case 'p':
      return parseAuthResponse(reader, context);
    case 'Q': {
      const sql = reader.query('query');
      return done(reader, 'Query', { name: 'Query', sql });
    }
    case 'X':
      return done(reader, 'Terminate', { name: 'Terminate' });
    default: {
      const title = OTHER_TITLES[type] ?? 'Unknown';
      const body = otherBody(reader, type);
      return done(reader, title, { name: 'Other', type, title, body });
    }
  }
}

/** Messages whose body is data: values of a query's parameters, rows. */
const DATA_TYPES = 'BFdf';

/** The body as it is. A Parse is shown by its parts, because its query may hold secrets; what is not understood of it is one. */
function otherBody(reader: FieldReader, type: string): Uint8Array {
  const { frame } = reader;
  const nameEnd = type === 'P' ? frame.indexOf(0, reader.position) : -1;
  if (nameEnd < 0 || frame.indexOf(0, nameEnd + 1) < 0)
    return reader.bytes('body', reader.remaining, { secret: type === 'P' || DATA_TYPES.includes(type) });
  const body = frame.subarray(reader.position);
  reader.cstring('statement');
  reader.query('query');
  reader.bytes('parameter types', reader.remaining);
  return reader.quiet ? body : body.slice();
}

function parseAuthResponse(reader: FieldReader, context: AuthContext): DecodedMessage<FrontendMessage> {
  switch (context) {
    case 'password': {
      const password = reader.cstring('password', { secret: true });
      return done(reader, 'PasswordMessage', { name: 'PasswordMessage', password });
    }
    case 'sasl-initial': {
      const mechanism = reader.cstring('mechanism');
      const length = reader.i32('response length');
      if (length < -1) {
        return broken(
          reader,
          'SASLInitialResponse',
          `response length ${length} is negative`,
          reader.position - 4,
        );
      }
      const response = length === -1 ? null : sasl(reader, 'initial response', length, 'client-first');
      return done(reader, 'SASLInitialResponse', {
        name: 'SASLInitialResponse',
        mechanism,
        response,
      });
    }
    case 'sasl': {
      const data = sasl(reader, 'response', reader.remaining, 'client-final');
      return done(reader, 'SASLResponse', { name: 'SASLResponse', data });
    }
    case 'gss': {
      const data = reader.bytes('token', reader.remaining, { secret: true });
      return done(reader, 'GSSResponse', { name: 'GSSResponse', data });
    }
  }
}

function sasl(reader: FieldReader, name: string, length: number, stage: SaslStage): Uint8Array {
  if (reader.quiet) return reader.bytes(name, length);
  const at = reader.position;
  const fit = length <= reader.remaining;
  const data = fit ? reader.frame.slice(at, at + length) : new Uint8Array(0);
  reader.skip(length);
  if (fit) reader.group(saslField(name, data, at, stage));
  return data;
}

function parseCancel(reader: FieldReader): DecodedMessage<FrontendMessage> {
  reader.length();
  reader.i32('request code', () => `${CANCEL_REQUEST_CODE} (1234.5678)`);
  const processId = reader.i32('process id');
  const { min, max } = LIMITS.cancelKey;
  if (reader.remaining < min || reader.remaining > max) {
    const got = reader.remaining;
    return broken(
      reader,
      'CancelRequest',
      `the cancel key must be ${min} to ${max} bytes, not ${got}`,
      reader.position,
    );
  }
  const secretKey = reader.bytes('secret key', reader.remaining, { secret: true });
  return done(reader, 'CancelRequest', { name: 'CancelRequest', processId, secretKey });
}

/** Name and value pairs up to an empty name, which must be the packet's last byte (`ProcessStartupPacket`). */
function parseStartup(reader: FieldReader): DecodedMessage<FrontendMessage> {
  const code = reader.i32('protocol version', (value) => versionText(versionFromNumber(value)));
  const version = versionFromNumber(code);
  const parameters: [string, string][] = [];
  while (reader.remaining > 1 && !reader.overran) {
    const at = reader.position;
    if (reader.frame[at] === 0) break;
    const name = reader.cstring('parameter name');
    if (reader.overran) break;
    if (!reader.quiet) reader.fields.pop();
    else if (!isTelling(name)) {
      reader.displayed(name);
      continue;
    }
    const value = reader.cstring(name.slice(0, 63));
    if (!reader.overran) parameters.push([name, value]);
  }
  const terminator = reader.u8('terminator');
  if (!reader.overran && terminator !== 0) {
    return broken(reader, 'StartupMessage', 'expected terminator as last byte', reader.position - 1);
  }
  return done(reader, 'StartupMessage', { name: 'StartupMessage', version, parameters });
}

/** Whether a parameter says more to the connection than to a reader: who asks for what, and options of the protocol. */
function isTelling(name: string): boolean {
  return name === 'user' || name === 'database' || name.startsWith('_pq_.');
}

function done(reader: FieldReader, title: string, value: FrontendMessage): DecodedMessage<FrontendMessage> {
  const problem = reader.problem(title);
  const { fields } = reader;
  return problem
    ? { title, fields, value: null, issues: [problem] }
    : { title, fields, value, issues: NO_ISSUES };
}

function broken(
  reader: FieldReader,
  title: string,
  message: string,
  offset: number,
): DecodedMessage<FrontendMessage> {
  const issues: Issue[] = [issue('PG_BAD_MESSAGE', `${title}: ${message}`, offset)];
  return { title, fields: reader.fields, value: null, issues };
}
