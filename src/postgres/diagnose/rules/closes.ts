/** The connection ended, or the capture did, without a word that says why. */
import { cause } from '../../../diagnosis/cause';
import { serverName } from '../../../diagnosis/facts';
import { goodbyeOf } from '../../../diagnosis/goodbye';
import { SILENCE } from '../../../diagnosis/timing';
import {
  closedError,
  endedBy,
  howEnded,
  lastMessageName,
  leftAfter,
  methodName,
  type PostgresFacts,
  type PostgresRule,
  waitedBeforeEnd,
} from '../facts';

export const CLOSE_RULES: readonly PostgresRule[] = [
  { gives: ['PG_STOPPED_WITHOUT_START'], find: stoppedWithoutStart },
  { gives: ['PG_MESSAGE_CUT'], find: messageCut },
  { gives: ['PG_CLOSED_AFTER_LOGIN', 'PG_CLOSED_AT_ANSWER'], find: closedAfterAnswer },
  { gives: ['PG_CLOSED_INSIDE_TLS'], find: closedInsideTls },
  { gives: ['PG_CLOSED_AT_STARTUP'], find: closedAtStartup },
];

/** Behind the rules about silence: it did not wait in vain, and nothing says why it left. */
export const LEFT_RULES: readonly PostgresRule[] = [
  { gives: ['PG_SERVER_STALLED'], find: serverStalled },
  { gives: ['PG_CLIENT_LEFT'], find: clientLeft },
];

function stoppedWithoutStart(facts: PostgresFacts) {
  const { observed, established } = facts;
  if (!established || observed.startup || goodbyeOf(facts)?.from !== 'client') return null;
  const { client, server: fromServer } = observed.ciphertext;
  if (client + fromServer > 0) return null;
  const details = closedError(facts, 'client', 'CLIENT_CLOSED', ' in CONNECTION_MADE');
  return cause('PG_STOPPED_WITHOUT_START', 'failed', { after: 'the TLS handshake' }, details);
}

/** The server was to go on, with the rest of a message or with the next one, and did not for long. */
function serverStalled(facts: PostgresFacts) {
  const { observed, trace } = facts;
  if (endedBy(facts) !== 'client') return null;
  const expected = observed.authenticated || observed.proved || observed.incomplete > 0;
  const waited = waitedBeforeEnd(facts);
  if (!expected || waited === null || waited < SILENCE) return null;
  const after =
    observed.incomplete > 0 ? `${observed.incomplete} bytes of a message` : lastMessageName(facts);
  const message = 'the server did not go on until the client gave up';
  const params = { server: serverName(facts), after, waited };
  const error = { from: 'server', code: 'NO_ANSWER', message } as const;
  return cause('PG_SERVER_STALLED', 'failed', { ...params, user: trace.auth.user }, { error });
}

function clientLeft(facts: PostgresFacts) {
  const { observed, trace } = facts;
  if (endedBy(facts) !== 'client' || !(observed.startup || trace.ssl.requested || trace.gssenc.requested))
    return null;
  return cause('PG_CLIENT_LEFT', 'failed', leftAfter(facts), closedError(facts, 'client', 'CLIENT_CLOSED'));
}

function messageCut(facts: PostgresFacts) {
  const { incomplete } = facts.observed;
  if (endedBy(facts) !== 'server' || incomplete === 0) return null;
  return cause(
    'PG_MESSAGE_CUT',
    'failed',
    { bytes: incomplete },
    closedError(facts, 'server', 'SERVER_CLOSED'),
  );
}

function closedAfterAnswer(facts: PostgresFacts) {
  const { authenticated, answered, proved } = facts.observed;
  if (endedBy(facts) !== 'server' || !(authenticated || answered)) return null;
  const untried = facts.observed.lastMessage?.name === 'SASLInitialResponse' ? 'yes' : undefined;
  const params = { method: methodName(facts), how: howEnded(facts), untried };
  const details = closedError(facts, 'server', 'SERVER_CLOSED');
  return authenticated || proved
    ? cause('PG_CLOSED_AFTER_LOGIN', 'failed', params, details)
    : cause('PG_CLOSED_AT_ANSWER', 'failed', params, details);
}

function closedInsideTls(facts: PostgresFacts) {
  const { observed, established } = facts;
  if (endedBy(facts) !== 'server' || !established || observed.serverSpokeInside) return null;
  return cause(
    'PG_CLOSED_INSIDE_TLS',
    'failed',
    { how: howEnded(facts) },
    closedError(facts, 'server', 'SERVER_CLOSED'),
  );
}

function closedAtStartup(facts: PostgresFacts) {
  if (endedBy(facts) !== 'server' || !facts.observed.startup) return null;
  return cause(
    'PG_CLOSED_AT_STARTUP',
    'failed',
    { how: howEnded(facts) },
    closedError(facts, 'server', 'SERVER_CLOSED'),
  );
}
