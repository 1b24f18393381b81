/** What the client itself reported: a live test knows more than its bytes. Where the bytes give the same cause, this says it surely. */

import type { CauseCode } from '../../../diagnosis/catalogue';
import { type Cause, cause } from '../../../diagnosis/cause';
import { firstCause } from '../../../diagnosis/rules';
import { SERVICE_RULES } from '../../../diagnosis/rules/service';
import type { TraceError } from '../../../trace/model';
import { methodName, type PostgresFacts, type PostgresRule } from '../facts';

const BY_CODE: Readonly<Record<string, CauseCode>> = {
  SSL_REFUSED: 'PG_TLS_DECLINED',
  GSS_UNSUPPORTED: 'PG_GSS_DECLINED',
  TLS_ALPN: 'PG_ALPN_NOT_CHOSEN',
  SCRAM_BAD_ITERATIONS: 'PG_SCRAM_BROKEN',
  SCRAM_NONCE_MISMATCH: 'PG_SCRAM_BROKEN',
  SCRAM_MALFORMED: 'PG_SCRAM_BROKEN',
  SCRAM_SERVER_ERROR: 'PG_SCRAM_BROKEN',
  SCRAM_BAD_SIGNATURE: 'PG_SERVER_NOT_PROVED',
  REQUIRE_AUTH: 'PG_METHOD_FORBIDDEN',
  SSLCERTMODE: 'PG_METHOD_FORBIDDEN',
  CHANNEL_BINDING: 'PG_CHANNEL_BINDING_MISSING',
  NO_PASSWORD: 'PG_PASSWORD_NOT_GIVEN',
  WRONG_TARGET: 'PG_WRONG_TARGET',
  PROTOCOL_VERSION: 'PG_NEGOTIATION_REFUSED',
};

/** Where the bytes tell more than the code does, such as which service answered. */
const BEHIND_BYTES: Readonly<Record<string, CauseCode>> = {
  SSL_ERROR_RESPONSE: 'PG_SSL_ERROR',
  SSL_SURPLUS: 'PG_SURPLUS_BEFORE_TLS',
  SSL_BAD_ANSWER: 'PG_NOT_POSTGRES',
  GSS_ERROR_RESPONSE: 'PG_GSS_ERROR',
  GSS_BAD_ANSWER: 'PG_NOT_POSTGRES',
  NOT_POSTGRES: 'PG_NOT_POSTGRES',
  SYNC_LOST: 'PG_NOT_POSTGRES',
  ERR_SSL_WRONG_VERSION_NUMBER: 'PG_NOT_POSTGRES',
};

/** What the client refused, by our own code. */
export const LOCAL_RULES: readonly PostgresRule[] = [
  {
    gives: [
      ...new Set(Object.values(BY_CODE)),
      ...SERVICE_RULES.flatMap(({ gives }) => gives),
      'PG_PLUS_WITHOUT_TLS',
      'PG_METHOD_UNSUPPORTED',
      'PG_CLIENT_ERROR',
    ],
    find: refusal,
  },
];

/** The same for codes that say less than the bytes. */
export const LOCAL_BEHIND: readonly PostgresRule[] = [
  { gives: [...new Set(Object.values(BEHIND_BYTES))], find: behind },
];

/** Whatever else ended the connection on this side, such as a time-out: only where the bytes say nothing. */
export const LOCAL_REST: readonly PostgresRule[] = [{ gives: ['PG_CLIENT_ERROR'], find: rest }];

function refusal(facts: PostgresFacts): Cause | null {
  const { localError } = facts.observed;
  if (!localError) return null;
  // Whoever cancels a test is no cause that bytes could show.
  if (localError.code === 'CANCELLED') return made(facts, 'PG_CLIENT_ERROR', localError);
  const code = codeOf(localError);
  // Who did answer says more, where the bytes tell.
  const service = code === 'PG_NOT_POSTGRES' ? firstCause(SERVICE_RULES, facts) : null;
  if (service) return { ...service, error: localError };
  return code === undefined ? null : made(facts, code, localError);
}

function behind(facts: PostgresFacts): Cause | null {
  const { localError } = facts.observed;
  const code = localError ? BEHIND_BYTES[localError.code] : undefined;
  return localError && code ? made(facts, code, localError) : null;
}

function rest(facts: PostgresFacts): Cause | null {
  const { localError } = facts.observed;
  return localError ? made(facts, 'PG_CLIENT_ERROR', localError) : null;
}

function made(facts: PostgresFacts, code: CauseCode, error: TraceError): Cause {
  const { user, database } = facts.trace.auth;
  const unfinished = error.message.includes('did not complete') ? 'yes' : undefined;
  const bad = facts.observed.negotiated === 'bad' ? 'yes' : undefined;
  const params = {
    user,
    database,
    method: methodName(facts),
    whose: 'server',
    message: error.message,
    bad,
    unfinished,
  };
  return cause(code, 'failed', params, { certainty: 'shown', alternatives: [], error });
}

function codeOf(error: TraceError): CauseCode | undefined {
  if (error.code === 'AUTH_UNSUPPORTED') return unsupported(error);
  // The login was accepted, and not proved.
  if (error.code === 'REQUIRE_AUTH' && error.message.includes('did not complete'))
    return 'PG_SERVER_NOT_PROVED';
  return BY_CODE[error.code];
}

/** One code for several refusals; their words are our own client's, so they can be told apart by them. */
function unsupported({ message }: TraceError): CauseCode {
  if (message.includes('non-SSL')) return 'PG_PLUS_WITHOUT_TLS';
  return message.includes('channel binding') ? 'PG_CHANNEL_BINDING_MISSING' : 'PG_METHOD_UNSUPPORTED';
}
