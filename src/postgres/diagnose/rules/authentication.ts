/** The server asked for authentication, and one side left. */
import { cause } from '../../../diagnosis/cause';
import { SCRAM_SHA_256_PLUS } from '../../client/client-scram';
import { PROTOCOL_3_2, versionNumber } from '../../constants';
import {
  closedError,
  endedBy,
  howEnded,
  leftAfter,
  methodName,
  oauthParams,
  type PostgresFacts,
  type PostgresRule,
  waitedBeforeEnd,
} from '../facts';

/** Nobody sets authentication_timeout lower, in milliseconds; a process that dies does so sooner. */
export const SHORTEST_TIMEOUT = 1000;

/** No client asks for this version by default. */
const ASKED_ON_PURPOSE = versionNumber(PROTOCOL_3_2);

export const AUTHENTICATION_RULES: readonly PostgresRule[] = [
  { gives: ['PG_PLUS_WITHOUT_TLS'], find: plusWithoutTls },
  { gives: ['PG_NEGOTIATION_REFUSED'], find: negotiationRefused },
  { gives: ['PG_METHOD_UNSUPPORTED'], find: methodUnsupported },
  { gives: ['PG_CHANNEL_BINDING_MISSING'], find: channelBindingMissing },
  { gives: ['PG_PASSWORD_NOT_GIVEN'], find: passwordNotGiven },
  { gives: ['PG_OAUTH_DISCOVERY', 'PG_OAUTH_REFUSED'], find: tokenRefused },
  { gives: ['PG_SCRAM_BROKEN'], find: challengeRejected },
  { gives: ['PG_AUTHENTICATION_TIMEOUT', 'PG_CLOSED_AT_REQUEST'], find: closedAtRequest },
];

/** The client was asked to authenticate and left. */
export function leftUnanswered(facts: PostgresFacts): boolean {
  const { requested, answered, authenticated } = facts.observed;
  return requested && !answered && !authenticated && endedBy(facts) === 'client';
}

function whoOf(facts: PostgresFacts) {
  return { user: facts.trace.auth.user, method: methodName(facts) };
}

function abandoned(facts: PostgresFacts) {
  const method = facts.trace.auth.mechanism ?? 'an unknown method';
  const message = `the client closed the connection when asked for ${method}`;
  return { error: { from: 'client', code: 'AUTH_ABANDONED', message } } as const;
}

function plusWithoutTls(facts: PostgresFacts) {
  const { observed, established } = facts;
  if (established || !observed.offered.includes(SCRAM_SHA_256_PLUS) || !leftUnanswered(facts)) return null;
  return cause('PG_PLUS_WITHOUT_TLS', 'failed', whoOf(facts), abandoned(facts));
}

/** The client rejected what NegotiateProtocolVersion says. */
function negotiationRefused(facts: PostgresFacts) {
  const { observed } = facts;
  const { negotiated, answered, authenticated } = observed;
  if (negotiated === 'no' || answered || authenticated || endedBy(facts) !== 'client') return null;
  // A version for testing is negotiated down as a matter of course; whoever asks for 3.2 may insist on it.
  if (negotiated === 'good' && observed.requested && observed.asked?.version !== ASKED_ON_PURPOSE)
    return null;
  // What follows the negotiation may have come with it.
  const certainty = observed.lastMessage?.name === 'NegotiateProtocolVersion' ? 'likely' : 'possible';
  const alternatives = observed.requested ? (['PG_PASSWORD_NOT_GIVEN'] as const) : [];
  const message = "the client did not accept the server's protocol negotiation";
  return cause(
    'PG_NEGOTIATION_REFUSED',
    'failed',
    { ...whoOf(facts), bad: negotiated === 'bad' ? 'yes' : undefined },
    {
      error: { from: 'client', code: 'PROTOCOL_VERSION', message },
      ...(negotiated === 'good' ? { certainty, alternatives } : {}),
    },
  );
}

function methodUnsupported(facts: PostgresFacts) {
  const { mechanism } = facts.trace.auth;
  if (!leftUnanswered(facts)) return null;
  if (mechanism !== null && /^(password|md5|scram-)/.test(mechanism)) return null;
  return cause('PG_METHOD_UNSUPPORTED', 'failed', whoOf(facts), abandoned(facts));
}

function channelBindingMissing(facts: PostgresFacts) {
  const { observed, established } = facts;
  const scram = observed.offered.some((name) => name === 'SCRAM-SHA-256');
  if (!established || !scram || observed.offered.includes(SCRAM_SHA_256_PLUS) || !leftUnanswered(facts))
    return null;
  return cause('PG_CHANNEL_BINDING_MISSING', 'failed', whoOf(facts), abandoned(facts));
}

function passwordNotGiven(facts: PostgresFacts) {
  return leftUnanswered(facts)
    ? cause('PG_PASSWORD_NOT_GIVEN', 'failed', whoOf(facts), abandoned(facts))
    : null;
}

/** The server said what is wrong with the token, or where to get one, and the client did not wait for the error that follows. */
function tokenRefused(facts: PostgresFacts) {
  const { oauth, lastMessage } = facts.observed;
  if (oauth === null || oauth.status === null || facts.missing !== null) return null;
  if (endedBy(facts) !== 'client' || lastMessage === null || !OAUTH_ENDS.has(lastMessage.name)) return null;
  const message = 'the client left after the server had refused its token';
  return cause(
    oauth.token ? 'PG_OAUTH_REFUSED' : 'PG_OAUTH_DISCOVERY',
    'failed',
    { ...whoOf(facts), ...oauthParams(facts) },
    { error: { from: 'client', code: 'CLIENT_CLOSED', message } },
  );
}

const OAUTH_ENDS: ReadonlySet<string> = new Set(['AuthenticationSASLContinue', 'SASLResponse']);

/** The client began SCRAM and left when it saw the server's challenge. */
function challengeRejected(facts: PostgresFacts) {
  const { observed } = facts;
  if (endedBy(facts) !== 'client' || observed.lastMessage?.name !== 'AuthenticationSASLContinue') return null;
  if (observed.oauth !== null) return null;
  const message = "the client left after the server's SCRAM challenge";
  return cause(
    'PG_SCRAM_BROKEN',
    'failed',
    { ...whoOf(facts), ...leftAfter(facts) },
    {
      certainty: 'likely',
      alternatives: ['PG_CLIENT_LEFT'],
      error: { from: 'client', code: 'CLIENT_CLOSED', message },
    },
  );
}

/** A long silence of the client is authentication_timeout; the server says nothing then. */
function closedAtRequest(facts: PostgresFacts) {
  const { requested, answered, authenticated, incomplete } = facts.observed;
  if (!requested || answered || authenticated || incomplete > 0 || endedBy(facts) !== 'server') return null;
  if (facts.missing !== null) return null;
  const waited = waitedBeforeEnd(facts);
  const details = closedError(facts, 'server', 'SERVER_CLOSED', ' in CONNECTION_AWAITING_RESPONSE');
  const params = { ...whoOf(facts), waited, how: howEnded(facts) };
  return waited !== null && waited >= SHORTEST_TIMEOUT
    ? cause('PG_AUTHENTICATION_TIMEOUT', 'failed', params, details)
    : cause('PG_CLOSED_AT_REQUEST', 'failed', params, {
        ...details,
        alternatives: ['PG_PASSWORD_NOT_GIVEN'],
      });
}
