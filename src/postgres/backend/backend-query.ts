import { utf8Bytes } from '../../base/bytes';
import { errorFields } from '../messages/error-fields';
import type { BackendMessage, Column, FrontendMessage } from '../messages/message-types';

const INT4 = 23;
const TEXT = 25;

interface Answer {
  readonly column: string;
  readonly typeOid: number;
  readonly typeSize: number;
  readonly value: string;
}

interface Session {
  readonly version: string;
  readonly user: string;
  readonly database: string;
}

const READY: BackendMessage = { name: 'ReadyForQuery', status: 'I' };

/**
 * What a session answers to one message: simple queries only, messages of the extended protocol are refused at their Sync. Null when
 * the client ends the session.
 *
 * @param message null when it cannot be read
 */
export function answerCommand(message: FrontendMessage | null, session: Session): BackendMessage[] | null {
  if (!message) {
    const fields = errorFields('ERROR', '08P01', 'invalid string in message');
    return [{ name: 'ErrorResponse', fields }, READY];
  }
  if (message.name === 'Terminate') return null;
  if (message.name === 'Query') return [...answerQuery(message.sql, session), READY];
  if (message.name !== 'Other') return [];
  if (message.type === 'S') return [READY];
  if (message.type !== 'P') return [];
  const words = 'this server does not have the extended query protocol';
  return [{ name: 'ErrorResponse', fields: errorFields('ERROR', '0A000', words) }];
}

/**
 * The answer to one simple query: enough for `select 1` and what drivers ask on connecting. There is no database here, so
 * anything else is refused with 0A000.
 */
function answerQuery(sql: string, session: Session): BackendMessage[] {
  const text = sql.trim().replace(/;+$/, '').trim();
  if (text === '') return [{ name: 'EmptyQueryResponse' }];
  const normal = text.toLowerCase().replace(/\s+/g, ' ');
  const number = /^select (-?\d{1,9})(?: as (\w{1,63}))?$/.exec(normal);
  if (number)
    return row({
      column: number[2] ?? '?column?',
      typeOid: INT4,
      typeSize: 4,
      value: String(Number(number[1])),
    });
  const known = knownAnswers(session)[normal];
  if (known) return row(known);
  if (/^set \w+/.test(normal)) return [{ name: 'CommandComplete', tag: 'SET' }];
  const fields = errorFields('ERROR', '0A000', 'this server answers handshakes and "select 1" only', {
    hint: 'It has no database behind it.',
  });
  return [{ name: 'ErrorResponse', fields }];
}

function knownAnswers(session: Session): Record<string, Answer> {
  const string = (column: string, value: string): Answer => ({ column, typeOid: TEXT, typeSize: -1, value });
  return {
    'select version()': string('version', `PostgreSQL ${session.version} (handshake lab)`),
    'select current_user': string('current_user', session.user),
    'select current_database()': string('current_database', session.database),
    'show server_version': string('server_version', session.version),
    'show transaction_read_only': string('transaction_read_only', 'off'),
    'select pg_catalog.pg_is_in_recovery()': {
      column: 'pg_is_in_recovery',
      typeOid: 16,
      typeSize: 1,
      value: 'f',
    },
  };
}

function row(answer: Answer): BackendMessage[] {
  const column: Column = {
    name: answer.column,
    tableOid: 0,
    attribute: 0,
    typeOid: answer.typeOid,
    typeSize: answer.typeSize,
    typeModifier: -1,
    format: 0,
  };
  return [
    { name: 'RowDescription', columns: [column] },
    { name: 'DataRow', values: [utf8Bytes(answer.value)] },
    { name: 'CommandComplete', tag: answer.column === 'transaction_read_only' ? 'SHOW' : 'SELECT 1' },
  ];
}
