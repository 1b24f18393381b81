/** The session was ready, or the connection was for something else than a session. */
import { millisBetween } from '../../../base/mark';
import { cause } from '../../../diagnosis/cause';
import { PROTOCOL_3_2, versionFromNumber, versionNumber, versionText } from '../../constants';
import { endedBy, leftAfter, type PostgresFacts, type PostgresRule } from '../facts';

/** A client that leaves within this time has not used the session, in milliseconds. */
const AT_ONCE = 1000;

/** The highest version that a server speaks. */
const HIGHEST = versionNumber(PROTOCOL_3_2);

export const SESSION_RULES: readonly PostgresRule[] = [
  { gives: ['PG_NEGOTIATION_IGNORED'], find: negotiationIgnored },
  { gives: ['PG_WRONG_TARGET'], find: wrongTarget },
  { gives: ['PG_SERVER_NOT_PROVED'], find: notProved },
  { gives: ['PG_SESSION_OPEN'], find: inUse },
  { gives: ['PG_READY'], find: ready },
  { gives: ['PG_CANCEL'], find: cancel },
];

/** A version that no server speaks was asked for, nobody said so, and the client left before it used anything. */
function negotiationIgnored(facts: PostgresFacts) {
  const { observed, missing, phase } = facts;
  const { asked, negotiated } = observed;
  if (asked === null || asked.version <= HIGHEST || negotiated !== 'no' || missing !== null) return null;
  if (observed.serverError !== null || observed.messages.server === 0) return null;
  const left = phase === 'ready' ? leftUnused(facts) : endedBy(facts) === 'client' && !observed.answered;
  if (!left || !(observed.authenticated || observed.requested)) return null;
  const version = versionText(versionFromNumber(asked.version));
  const message = `the server ignored the request for protocol ${version}`;
  return cause(
    'PG_NEGOTIATION_IGNORED',
    'failed',
    { asked: version },
    { error: { from: 'client', code: 'PROTOCOL_VERSION', message } },
  );
}

/** What target_session_attrs=read-write does; a live test, which leaves after every login, says itself what it wanted. */
function wrongTarget(facts: PostgresFacts) {
  const { observed, trace, phase } = facts;
  const { inHotStandby, readOnly, afterReady } = observed;
  if (phase !== 'ready' || trace.source === 'live' || !(inHotStandby || readOnly)) return null;
  if (afterReady?.what !== 'X' || !leftUnused(facts)) return null;
  const kind = inHotStandby
    ? 'a standby (in_hot_standby=on)'
    : 'read-only (default_transaction_read_only=on)';
  return cause('PG_WRONG_TARGET', 'ready', { ...whoOf(facts), kind }, { alternatives: ['PG_READY'] });
}

/** SCRAM was cut short by AuthenticationOk, and the client left: one that insists on the proof does. */
function notProved(facts: PostgresFacts) {
  const { observed, trace, missing, phase } = facts;
  const scram = trace.auth.mechanism?.startsWith('scram-') === true;
  if (!scram || !observed.authenticated || observed.proved || missing !== null) return null;
  const left = phase === 'ready' ? leftUnused(facts) : endedBy(facts) === 'client';
  if (!left || trace.source === 'live') return null;
  const message = 'the client left a server that did not prove that it knows the password';
  return cause(
    'PG_SERVER_NOT_PROVED',
    'failed',
    { ...whoOf(facts), ...leftAfter(facts), unfinished: 'yes' },
    {
      certainty: 'possible',
      alternatives: phase === 'ready' ? ['PG_READY'] : ['PG_CLIENT_LEFT'],
      error: { from: 'client', code: 'CLIENT_CLOSED', message },
    },
  );
}

function leftUnused({ observed: { afterReady, readyAt } }: PostgresFacts): boolean {
  if (afterReady === null || readyAt === null) return false;
  const unused = afterReady.what === 'X' || afterReady.what === 'close';
  return unused && millisBetween(readyAt, afterReady.mark) < AT_ONCE;
}

/** ReadyForQuery of a session whose login is not in the capture. */
function inUse({ observed, trace, phase }: PostgresFacts) {
  const { late, startup, requested, authenticated } = observed;
  if (phase !== 'ready' || !late || startup || requested || authenticated) return null;
  return cause('PG_SESSION_OPEN', 'ready', { user: trace.auth.user });
}

function ready(facts: PostgresFacts) {
  return facts.phase === 'ready' ? cause('PG_READY', 'ready', whoOf(facts)) : null;
}

function whoOf({ trace }: PostgresFacts) {
  const { user, database, mechanism } = trace.auth;
  const encryption = trace.tls ? (trace.tls.version ?? 'TLS') : null;
  return { user, database, mechanism: mechanism?.toUpperCase().replace('TRUST', 'trust'), encryption };
}

function cancel({ trace }: PostgresFacts) {
  return trace.outcome === 'cancel' ? cause('PG_CANCEL', 'cancel') : null;
}
