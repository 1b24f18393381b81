/** The server, or who answers for it, said why: by its words where a pooler or gateway speaks, by SQLSTATE where PostgreSQL does. */

import type { CauseCode } from '../../../diagnosis/catalogue';
import type { Cause } from '../../../diagnosis/cause';
import { unquoted } from '../../../diagnosis/unquoted';
import { versionFromNumber, versionText } from '../../constants';
import { nameIn, type ServerError } from '../../messages/error-fields';
import { OLD_ERROR } from '../../observer/observer-answer';
import type { PostgresFacts, PostgresRule } from '../facts';
import { SPOKEN, spokenRow } from '../gateway-table';
import { passedOn } from '../passed-on';
import { AUTHORIZATION_CAUSES, authorization } from './authorization';
import { toldCause } from './error-params';

/** One SQLSTATE and, where it stands for several refusals, a pattern of its text; the first that fits. */
type Row = readonly [
  state: RegExp,
  text: RegExp | null,
  code: CauseCode,
  more?: Readonly<Record<string, string>>,
];

/** PostgreSQL's own words for a broken protocol (`pqcomm.c`, `backend_startup.c`, `auth.c`, `pqformat.c`). */
const BROKEN =
  /protocol|message (type|format|contents|length)|startup packet|password packet|expected .* (response|packet|message)|malformed|invalid (string|frontend)|insufficient data/i;

const ROWS: readonly Row[] = [
  [/./, /\bOAuth validator\b|\boauth_validator_libraries\b/i, 'PG_OAUTH_VALIDATOR'],
  [/^3D000$/, null, 'PG_DATABASE_UNKNOWN'],
  [/^42501$/, /WAL sender|replication/i, 'PG_REPLICATION_DENIED'],
  [/^42501$/, /permission denied for database|CONNECT privilege/i, 'PG_NO_CONNECT_PRIVILEGE'],
  [/^42501$/, null, 'PG_PERMISSION_DENIED'],
  [/^53300$/, /wal ?senders?/i, 'PG_CONNECTION_LIMIT', { limit: 'walsender' }],
  [/^53300$/, /reserved/i, 'PG_CONNECTION_LIMIT', { limit: 'reserved' }],
  [/^53300$/, /for (role|user)/i, 'PG_CONNECTION_LIMIT', { limit: 'role' }],
  [/^53300$/, /for database/i, 'PG_CONNECTION_LIMIT', { limit: 'database' }],
  [/^53300$/, null, 'PG_CONNECTION_LIMIT', { limit: 'server' }],
  [/^53\w{3}$/, null, 'PG_OUT_OF_RESOURCES'],
  [/^57P03$/, /hot standby mode is disabled/i, 'PG_HOT_STANDBY_OFF'],
  [/^57P03$/, /shutting down/i, 'PG_SHUTTING_DOWN'],
  [/^57P03$/, /recover/i, 'PG_RECOVERING'],
  [/^57P03$/, null, 'PG_STARTING_UP'],
  [/^57P02$/, null, 'PG_CRASHED'],
  [/^57P0[145]$/, null, 'PG_TERMINATED'],
  [/^57014$/, /authentication|login/i, 'PG_AUTHENTICATION_TIMEOUT'],
  [/^57014$/, null, 'PG_CANCELED'],
  [
    /^(0A000|08P01|08004)$/,
    /(unknown|unsupported) (frontend )?protocol( version)?|protocol version .*(not supported|unsupported)/i,
    'PG_PROTOCOL_UNKNOWN',
  ],
  [/^0A000$/, null, 'PG_NOT_SUPPORTED'],
  [/^08P01$/, BROKEN, 'PG_PROTOCOL_BROKEN'],
  [/^08P01$/, null, 'PG_POOLER_ERROR'],
  [/^55000$/, /accepting connections|invalid database/i, 'PG_DATABASE_CLOSED'],
  [/^(22023|22021|42704|42601|42602|55P02|22P02|42P\w\w)$/, null, 'PG_PARAMETER_REFUSED'],
  [/^26000$/, null, 'PG_STATEMENT_GONE'],
];

/** What reads as an option of a connection string, in a database's name. */
const OPTION_IN_NAME = /[\s?&;](\w+)=/;

const FALLBACK: CauseCode = 'PG_SERVER_ERROR';

export const ERROR_RULES: readonly PostgresRule[] = [
  {
    gives: [
      ...new Set<CauseCode>([
        ...SPOKEN.map(({ code }) => code),
        ...ROWS.map(([, , code]) => code),
        ...AUTHORIZATION_CAUSES,
        'PG_OPTION_IN_DATABASE',
        'PG_CANNOT_START_PROCESS',
        FALLBACK,
      ]),
    ],
    find: (facts) => (facts.observed.serverError ? told(facts, facts.observed.serverError) : null),
  },
];

function told(facts: PostgresFacts, error: ServerError): Cause {
  if (error.code === OLD_ERROR) return toldCause(facts, error, 'PG_CANNOT_START_PROCESS');
  const { proved, authenticated } = facts.observed;
  const passed = passedOn(error, proved || authenticated);
  const spoken = passed === undefined ? spokenRow(error) : undefined;
  if (spoken) {
    const parameter =
      spoken.code === 'PG_POOLER_PARAMETER' ? spoken.text.exec(error.message)?.[1] : undefined;
    return toldCause(facts, error, spoken.code, { speaker: spoken.speaker, parameter });
  }
  const speaker = passed === undefined ? undefined : 'pgbouncer';
  const state = passed ?? error.code;
  if (/^28/.test(state)) {
    // Not the client was refused there, but who stands in front.
    return speaker
      ? toldCause(facts, error, 'PG_POOLER_SERVER_LOGIN_FAILED', { speaker })
      : authorization(facts, error);
  }
  if (state === '3D000') {
    const option = gluedOption(facts, error);
    if (option) return option(error);
  }
  const words = unquoted([error.message, error.detail, error.hint].join('\n'));
  const found = ROWS.find(([pattern, text]) => pattern.test(state) && (text === null || text.test(words)));
  if (!found) return toldCause(facts, error, FALLBACK);
  const [, , code, more] = found;
  return toldCause(facts, error, code, { speaker, ...more, ...extra(facts, error, code) });
}

function extra({ observed }: PostgresFacts, error: ServerError, code: CauseCode) {
  if (code === 'PG_PROTOCOL_UNKNOWN')
    return {
      asked:
        askedVersion(error.message) ??
        (observed.asked ? versionText(versionFromNumber(observed.asked.version)) : undefined),
    };
  if (code === 'PG_PARAMETER_REFUSED') return { parameter: /parameter "([^"]+)"/.exec(error.message)?.[1] };
  return {};
}

/** `unsupported frontend protocol 3.2: …`, or the number on the wire, `unknown protocol version 196610`. */
function askedVersion(message: string): string | undefined {
  const [, dotted, number] = /protocol(?: version)? (?:(\d+\.\d+)|(\d{5,9}))/.exec(message) ?? [];
  return dotted ?? (number === undefined ? undefined : versionText(versionFromNumber(Number(number))));
}

function gluedOption(facts: PostgresFacts, { message }: ServerError): ((error: ServerError) => Cause) | null {
  const database = facts.trace.auth.database ?? nameIn(message, 'database');
  if (database === null || !OPTION_IN_NAME.test(database)) return null;
  const name = database.split(/[\s?&;]/)[0];
  return (error) => toldCause(facts, error, 'PG_OPTION_IN_DATABASE', { name, database });
}
