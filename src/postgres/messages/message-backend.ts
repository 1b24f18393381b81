import { issue, NO_ISSUES } from '../../base/issue';
import { versionFromNumber, versionText } from '../constants';
import { ERROR_FIELD_NAMES } from './error-fields';
import { FieldReader } from './field-reader';
import type { BackendMessage, Column, DecodedMessage } from './message-types';
import { type SaslStage, saslField } from './sasl-fields';

/** Authentication request codes (`AUTH_REQ_…` in `protocol.h`). */
const AUTH_NAMES: Readonly<Record<number, string>> = {
  0: 'AuthenticationOk',
  1: 'AuthenticationKerberosV4',
  2: 'AuthenticationKerberosV5',
  3: 'AuthenticationCleartextPassword',
  4: 'AuthenticationCryptPassword',
  5: 'AuthenticationMD5Password',
  6: 'AuthenticationSCMCredential',
  7: 'AuthenticationGSS',
  8: 'AuthenticationGSSContinue',
  9: 'AuthenticationSSPI',
  10: 'AuthenticationSASL',
  11: 'AuthenticationSASLContinue',
  12: 'AuthenticationSASLFinal',
};

/** Messages that do not belong to the start of a session, by type byte. */
const OTHER_TITLES: Readonly<Record<string, string>> = {
  '1': 'ParseComplete',
  '2': 'BindComplete',
  '3': 'CloseComplete',
  A: 'NotificationResponse',
  c: 'CopyDone',
  d: 'CopyData',
  G: 'CopyInResponse',
  H: 'CopyOutResponse',
  n: 'NoData',
  s: 'PortalSuspended',
  t: 'ParameterDescription',
  V: 'FunctionCallResponse',
  W: 'CopyBothResponse',
};

const KNOWN = 'REvNSKZTDCI';

/** By type byte, for one look per message. */
const IS_BACKEND_TYPE = Array.from({ length: 256 }, (_, type) => {
  const letter = String.fromCharCode(type);
  return KNOWN.includes(letter) || letter in OTHER_TITLES;
});

/** Whether a server sends this type byte at all. */
export function isBackendType(type: number): boolean {
  return IS_BACKEND_TYPE[type] === true;
}

type Result = DecodedMessage<BackendMessage>;

/**
 * A message of the server; `frame` is exactly one, as `frameTyped` found it.
 *
 * @param quiet without fields, and without values that only they show.
 */
export function parseBackend(frame: Uint8Array, quiet = false): Result {
  const type = String.fromCharCode(frame[0] ?? 0);
  const reader = new FieldReader(frame, quiet);
  reader.header();
  switch (type) {
    case 'R':
      return parseAuthentication(reader);
    case 'E':
    case 'N':
      return parseError(reader, type === 'E' ? 'ErrorResponse' : 'NoticeResponse');
    case 'v':
      return parseNegotiate(reader);
    case 'S': {
      const parameter = reader.displayed('parameter');
      const value = reader.displayed('value');
      return done(reader, 'ParameterStatus', { name: 'ParameterStatus', parameter, value });
    }
    case 'K': {
      const processId = reader.i32('process id');
      const secretKey = reader.bytes('secret key', reader.remaining, { secret: true });
      return done(reader, 'BackendKeyData', { name: 'BackendKeyData', processId, secretKey });
    }
    case 'Z':
      return parseReady(reader);
    case 'T':
      return parseRowDescription(reader);
    case 'D':
      return parseDataRow(reader);
    case 'C': {
      const tag = reader.cstring('tag');
      return done(reader, 'CommandComplete', { name: 'CommandComplete', tag });
    }
    case 'I':
      return done(reader, 'EmptyQueryResponse', { name: 'EmptyQueryResponse' });
    default: {
      const title = OTHER_TITLES[type] ?? 'Unknown';
      const body = reader.bytes('body', reader.remaining);
      return done(reader, title, { name: 'Other', type, title, body });
    }
  }
}

function parseAuthentication(reader: FieldReader): Result {
  const code = reader.i32('authentication', (value) => `${value} (${AUTH_NAMES[value] ?? 'unknown'})`);
  const title = AUTH_NAMES[code] ?? 'AuthenticationUnknown';
  switch (code) {
    case 0:
      return done(reader, title, { name: 'AuthenticationOk' });
    case 2:
      return done(reader, title, { name: 'AuthenticationKerberosV5' });
    case 3:
      return done(reader, title, { name: 'AuthenticationCleartextPassword' });
    case 5: {
      const salt = reader.bytes('salt', 4, { secret: true });
      return done(reader, title, { name: 'AuthenticationMD5Password', salt });
    }
    case 7:
      return done(reader, title, { name: 'AuthenticationGSS' });
    case 8: {
      const data = reader.bytes('token', reader.remaining, { secret: true });
      return done(reader, title, { name: 'AuthenticationGSSContinue', data });
    }
    case 9:
      return done(reader, title, { name: 'AuthenticationSSPI' });
    case 10:
      return parseMechanisms(reader);
    case 11: {
      const data = sasl(reader, 'challenge', 'server-first');
      return done(reader, title, { name: 'AuthenticationSASLContinue', data });
    }
    case 12: {
      const data = sasl(reader, 'outcome', 'server-final');
      return done(reader, title, { name: 'AuthenticationSASLFinal', data });
    }
    default: {
      const data = reader.bytes('data', reader.remaining, { secret: true });
      return done(reader, title, { name: 'AuthenticationUnknown', code, data });
    }
  }
}

/** Names up to an empty one, which must be the last byte (`pg_SASL_init`). */
function parseMechanisms(reader: FieldReader): Result {
  const mechanisms: string[] = [];
  while (reader.remaining > 1 && !reader.overran) {
    const mechanism = reader.cstring('mechanism');
    if (mechanism !== '') mechanisms.push(mechanism);
    else break;
  }
  reader.u8('terminator');
  return done(reader, 'AuthenticationSASL', { name: 'AuthenticationSASL', mechanisms });
}

function sasl(reader: FieldReader, name: string, stage: SaslStage): Uint8Array {
  const at = reader.position;
  if (reader.quiet) return reader.bytes(name, reader.remaining);
  const data = reader.frame.slice(at);
  reader.skip(reader.remaining);
  reader.group(saslField(name, data, at, stage));
  return data;
}

function parseError(reader: FieldReader, name: 'ErrorResponse' | 'NoticeResponse'): Result {
  const fields: [string, string][] = [];
  let terminated = false;
  while (reader.remaining > 0 && !reader.overran) {
    const at = reader.position;
    const code = String.fromCharCode(reader.frame[at]);
    reader.skip(1);
    if (reader.frame[at] === 0) {
      terminated = true;
      break;
    }
    const value = reader.cstring(ERROR_FIELD_NAMES[code] ?? `Field ${code}`);
    if (!reader.overran) fields.push([code, value]);
  }
  if (!terminated) reader.skip(1);
  return done(reader, name, { name, fields });
}

/** The newest version the server speaks and the `_pq_.` options it does not know (`pqGetNegotiateProtocolVersion3`). */
function parseNegotiate(reader: FieldReader): Result {
  const version = versionFromNumber(
    reader.i32('newest version', (value) => versionText(versionFromNumber(value))),
  );
  const count = reader.i32('unsupported options');
  const options: string[] = [];
  // Each option is at least its NUL: the count cannot make the loop longer than the message.
  for (let i = 0; i < count && reader.remaining > 0; i++) options.push(reader.cstring('option'));
  if (count !== options.length) reader.skip(reader.remaining + 1);
  const name = 'NegotiateProtocolVersion';
  return done(reader, name, { name, version, options });
}

function parseReady(reader: FieldReader): Result {
  const status = reader.char('transaction status');
  if (!reader.overran && status !== 'I' && status !== 'T' && status !== 'E') {
    const message = 'ReadyForQuery: transaction status must be I, T or E';
    return {
      title: 'ReadyForQuery',
      fields: reader.fields,
      value: null,
      issues: [issue('PG_BAD_MESSAGE', message, 5)],
    };
  }
  return done(reader, 'ReadyForQuery', { name: 'ReadyForQuery', status: status as 'I' | 'T' | 'E' });
}

function parseRowDescription(reader: FieldReader): Result {
  const count = reader.i16('columns');
  const columns: Column[] = [];
  for (let i = 0; i < count && !reader.overran; i++) {
    columns.push({
      name: reader.cstring('column'),
      tableOid: reader.i32('table OID'),
      attribute: reader.i16('attribute number'),
      typeOid: reader.i32('type OID'),
      typeSize: reader.i16('type size'),
      typeModifier: reader.i32('type modifier'),
      format: reader.i16('format'),
    });
  }
  return done(reader, 'RowDescription', { name: 'RowDescription', columns });
}

function parseDataRow(reader: FieldReader): Result {
  const count = reader.i16('columns');
  const values: (Uint8Array | null)[] = [];
  for (let i = 0; i < count && !reader.overran; i++) {
    const length = reader.i32('value length');
    values.push(length === -1 ? null : reader.bytes('value', length));
  }
  return done(reader, 'DataRow', { name: 'DataRow', values });
}

function done(reader: FieldReader, title: string, value: BackendMessage): Result {
  const problem = reader.problem(title);
  const { fields } = reader;
  return problem
    ? { title, fields, value: null, issues: [problem] }
    : { title, fields, value, issues: NO_ISSUES };
}
