/** The connection ended, or the capture did, without a word that says why. */
import { cause } from '../../../diagnosis/cause';
import {
  closedError,
  endedBy,
  howEnded,
  lastMessageName,
  methodName,
  type PostgresFacts,
  type PostgresRule,
  server,
  waitedBeforeEnd,
  waitedInCapture,
} from '../facts';

/** A client that leaves sooner has not waited for an answer, in milliseconds. */
const NO_WAIT = 200;

/** A server that has not answered for longer is silent, in milliseconds. */
const SILENT = 1000;

export const CLOSE_RULES: readonly PostgresRule[] = [
  { gives: ['PG_STOPPED_WITHOUT_START'], find: stoppedWithoutStart },
  { gives: ['PG_NO_ANSWER', 'PG_CLIENT_LEFT_EARLY'], find: noAnswer },
  { gives: ['PG_CLIENT_LEFT'], find: clientLeft },
  { gives: ['PG_MESSAGE_CUT'], find: messageCut },
  { gives: ['PG_CLOSED_AFTER_LOGIN', 'PG_CLOSED_AT_ANSWER'], find: closedAfterAnswer },
  { gives: ['PG_CLOSED_INSIDE_TLS'], find: closedInsideTls },
  { gives: ['PG_CLOSED_AT_STARTUP'], find: closedAtStartup },
];

export const OPEN_RULES: readonly PostgresRule[] = [
  { gives: ['PG_NO_ANSWER'], find: silentToTheEnd },
  { gives: ['CAPTURE_ENDS'], find: captureEnds },
];

function stoppedWithoutStart(facts: PostgresFacts) {
  const { observed, established } = facts;
  if (!established || observed.startup || observed.goodbye !== 'client') return null;
  const { client, server: fromServer } = observed.ciphertext;
  if (client + fromServer > 0) return null;
  const details = closedError(facts, 'client', 'CLIENT_CLOSED', ' in CONNECTION_MADE');
  return cause('PG_STOPPED_WITHOUT_START', 'failed', { after: 'the TLS handshake' }, details);
}

/** The client spoke last and left. */
function noAnswer(facts: PostgresFacts) {
  const { observed } = facts;
  if (endedBy(facts) !== 'client' || observed.lastMessage?.from !== 'client') return null;
  if (observed.authenticated) return null;
  const waited = waitedBeforeEnd(facts);
  const params = { server: server(facts), after: lastMessageName(facts), waited };
  if (waited !== null && waited < NO_WAIT) {
    return cause('PG_CLIENT_LEFT_EARLY', 'failed', params, {
      ...closedError(facts, 'client', 'CLIENT_CLOSED'),
      alternatives: ['PG_NO_ANSWER'],
    });
  }
  const message = 'the server accepted the connection and never answered';
  return cause('PG_NO_ANSWER', 'failed', params, { error: { from: 'server', code: 'NO_ANSWER', message } });
}

function clientLeft(facts: PostgresFacts) {
  const { observed, trace } = facts;
  if (endedBy(facts) !== 'client' || !(observed.startup || trace.ssl.requested || trace.gssenc.requested))
    return null;
  const params = { after: lastMessageName(facts), waited: waitedBeforeEnd(facts) };
  return cause('PG_CLIENT_LEFT', 'failed', params, closedError(facts, 'client', 'CLIENT_CLOSED'));
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
  const params = { method: methodName(facts), how: howEnded(facts) };
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

/** The capture goes on, and the server does not. */
function silentToTheEnd(facts: PostgresFacts) {
  const { observed, phase } = facts;
  if (phase === null || endedBy(facts) !== null || observed.lastMessage?.from !== 'client') return null;
  const waited = waitedInCapture(facts);
  if (waited === null || waited < SILENT) return null;
  return cause('PG_NO_ANSWER', 'incomplete', {
    server: server(facts),
    after: lastMessageName(facts),
    waited,
    open: 'yes',
  });
}

function captureEnds(facts: PostgresFacts) {
  const { observed } = facts;
  const { lastMessage } = observed;
  const last = lastMessage === null ? undefined : `#${lastMessage.mark.frame} ${lastMessage.name}`;
  return cause('CAPTURE_ENDS', 'incomplete', { last });
}
