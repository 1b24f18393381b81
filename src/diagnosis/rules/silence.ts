/** One side waited for the other in vain. */
import { type Cause, cause } from '../cause';
import { type ConnectionFacts, serverName } from '../facts';
import type { Rule } from '../rules';
import { lastStep, OPEN_SILENCE, SILENCE, saidGoodbye, seconds, waiting } from '../timing';

/**
 * Nothing was refused: somebody was silent, or did not wait. For the end of a protocol's list, before its own rules on who closed: they ask
 * only who spoke last and for how long nothing came, and give nothing where bytes are missing.
 */
export const SILENCE_RULES: readonly Rule<ConnectionFacts>[] = [
  { gives: ['TCP_CLIENT_CANCELLED'], find: cancelled },
  { gives: ['TLS_SERVER_SILENT'], find: silentInTls },
  { gives: ['TCP_SERVER_SILENT'], find: silentServer },
  { gives: ['TCP_CLIENT_SILENT'], find: silentClient },
];

/** The client waits for an answer: milliseconds, and how the wait ended. Null where it does not wait. */
function awaited(facts: ConnectionFacts): { readonly millis: number; readonly gaveUp: boolean } | null {
  const { wire, missing } = facts;
  const wait = waiting(wire);
  if (missing || wait?.side !== 'server' || saidGoodbye(facts)) return null;
  const [first] = wire.closes;
  if (first?.from === 'server') return null;
  return { millis: wait.millis, gaveUp: first !== undefined };
}

/** A client that leaves within milliseconds did not wait: a pool or a "happy eyeballs" race that has what it needs. */
function cancelled(facts: ConnectionFacts): Cause | null {
  const wait = awaited(facts);
  if (!wait?.gaveUp || wait.millis >= SILENCE) return null;
  const params = { millis: Math.max(1, Math.round(wait.millis)), after: lastStep(facts, 'client')?.message };
  const message = 'the client closed the connection before the server could answer';
  return cause('TCP_CLIENT_CANCELLED', 'failed', params, {
    error: { from: 'client', code: 'CLIENT_CLOSED', message },
  });
}

/** The server has sent no TLS at all after the ClientHello. */
function silentInTls(facts: ConnectionFacts): Cause | null {
  const { wire, trace, product } = facts;
  const { tls } = wire;
  if (!tls?.clientHello || tls.serverHello || trace.tls?.version || tls.notTls) return null;
  return silence(facts, 'TLS_SERVER_SILENT', { direct: trace.ssl.direct ? 1 : undefined, product });
}

function silentServer(facts: ConnectionFacts): Cause | null {
  const { product } = facts;
  return silence(facts, 'TCP_SERVER_SILENT', { product, after: lastStep(facts, 'client')?.message });
}

function silence(
  facts: ConnectionFacts,
  code: 'TLS_SERVER_SILENT' | 'TCP_SERVER_SILENT',
  more: Readonly<Record<string, string | number | undefined>>,
): Cause | null {
  const wait = awaited(facts);
  if (wait === null || wait.millis < (wait.gaveUp ? SILENCE : OPEN_SILENCE)) return null;
  const { wire } = facts;
  const waited = seconds(wait.millis);
  const unread = wire.client.unacknowledged > 0 && wire.client.timesSent > 1 ? 1 : undefined;
  const params = {
    server: serverName(facts),
    seconds: waited,
    open: wait.gaveUp ? undefined : 1,
    unread,
    ...more,
  };
  const step = lastStep(facts, 'client')?.index;
  const steps = step === undefined ? [] : [step];
  const after = lastStep(facts, 'client')?.message;
  const evidence = [
    { code: 'SILENCE', params: spoken({ side: 'server', seconds: waited, after }), steps },
  ] as const;
  // TCP sends again what is not acknowledged: where it did not, packets of the connection may be missing from the capture.
  const doubtful = wire.client.unacknowledged > 0 && wire.client.timesSent < 2;
  const certainty = doubtful ? 'possible' : undefined;
  if (!wait.gaveUp) return cause(code, 'incomplete', params, { evidence, step, certainty });
  const message = 'the server did not answer until the client gave up';
  return cause(code, 'failed', params, {
    evidence,
    step,
    error: { from: 'server', code: 'NO_ANSWER', message },
  });
}

/** The server waits for the client, and the connection is still open. */
function silentClient(facts: ConnectionFacts): Cause | null {
  const { wire, missing } = facts;
  if (missing || wire.closes.length > 0 || wire.server.syns === 0) return null;
  const wait = waiting(wire);
  if (wait?.side !== 'client' || wait.millis < OPEN_SILENCE) return null;
  const params = {
    client: facts.trace.client.address,
    seconds: seconds(wait.millis),
    after: lastStep(facts, 'server')?.message,
  };
  return cause('TCP_CLIENT_SILENT', 'incomplete', params);
}

function spoken(
  params: Readonly<Record<string, string | number | undefined>>,
): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
