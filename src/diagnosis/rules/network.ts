/** Before a byte was said: refused, never answered, closed or left at once. */
import { millisBetween } from '../../base/mark';
import { endpointText } from '../../trace/places';
import { type Cause, cause } from '../cause';
import { type ConnectionFacts, serverName } from '../facts';
import type { Rule } from '../rules';
import { isBefore, OPEN_SILENCE, seconds } from '../timing';
import type { WireEvidence } from '../wire';

/**
 * How the TCP connection itself came to nothing. For the beginning of a protocol's list: each asks for a connection on which nothing was
 * said, so that none takes a case from the protocol.
 */
export const NETWORK_RULES: readonly Rule<ConnectionFacts>[] = [
  { gives: ['TCP_UNREACHABLE', 'TCP_REJECTED'], find: unreachable },
  { gives: ['TCP_REFUSED'], find: refused },
  { gives: ['TCP_ANSWER_LOST'], find: answerLost },
  { gives: ['TCP_NO_ANSWER'], find: neverAnswered },
  { gives: ['TCP_CLOSED_AT_ONCE'], find: closedAtOnce },
  { gives: ['TCP_PORT_CHECK'], find: portCheck },
];

/** The client asked for a connection, and neither side has said a byte. */
function unspoken({ wire }: ConnectionFacts): boolean {
  const { client, server } = wire;
  return client.syns > 0 && client.bytes + client.missing + server.bytes + server.missing === 0;
}

/** An ICMP error quotes the client's SYN, or what it sent later, and no byte of the server shows that it was reached after all. */
function unreachable(facts: ConnectionFacts): Cause | null {
  const { icmp, server, closes } = facts.wire;
  if (icmp === null || icmp.tooBig || icmp.about !== 'client') return null;
  if (facts.missing !== null || server.unheard || server.bytes + server.missing > 0) return null;
  if (closes.some(({ from, mark }) => from === 'server' && isBefore(icmp.mark, mark))) return null;
  const { kind, from } = icmp;
  const params = { server: serverName(facts), product: facts.product, kind, from };
  // A host answers TCP with a reset: "port unreachable" comes of a firewall that rejects.
  const rejected = /prohibited|policy|rejected|^port unreachable/.test(kind);
  const error = { from: 'server', code: rejected ? 'EACCES' : 'EHOSTUNREACH', message: kind } as const;
  const evidence = [{ code: 'ICMP', params: { kind, from }, frames: [icmp.mark.frame] }] as const;
  return cause(rejected ? 'TCP_REJECTED' : 'TCP_UNREACHABLE', 'failed', params, {
    error,
    evidence,
    step: null,
  });
}

/** The SYN was answered with RST. */
function refused(facts: ConnectionFacts): Cause | null {
  const { wire, product } = facts;
  const [first] = wire.closes;
  if (!unspoken(facts) || isAccepted(wire) || first?.from !== 'server' || first.how !== 'rst') return null;
  const server = serverName(facts);
  const error = { from: 'server', code: 'ECONNREFUSED', message: `connection refused by ${server}` } as const;
  const loopback = loopbackFamily(facts.trace.server.address);
  const { port } = facts.trace.server;
  return cause('TCP_REFUSED', 'failed', { server, product, loopback, port }, { error });
}

/** `IPv6` for ::1, `IPv4` for 127.0.0.0/8; undefined for other addresses. */
function loopbackFamily(address: string): string | undefined {
  if (address === '::1') return 'IPv6';
  return /^(::ffff:)?127\./.test(address) ? 'IPv4' : undefined;
}

/** The SYN was answered, also where the answer is not in the capture and the client's acknowledgment is. */
function isAccepted({ server }: WireEvidence): boolean {
  return server.syns > 0 || server.acknowledged;
}

/** SYN+ACK was repeated, and nothing of the client followed: no acknowledgment, and no reset. */
function answerLost(facts: ConnectionFacts): Cause | null {
  const { wire } = facts;
  const times = wire.server.syns;
  if (!unspoken(facts) || times < 2 || wire.server.acknowledged) return null;
  if (wire.closes.some(({ from, how }) => how === 'fin' || from === 'client')) return null;
  const params = {
    server: serverName(facts),
    client: facts.trace.client.address,
    times,
    seconds: elapsed(facts),
  };
  const error = { from: 'client', code: 'ETIMEDOUT', message: 'the SYN+ACK was never acknowledged' } as const;
  return cause('TCP_ANSWER_LOST', 'failed', params, { error });
}

/** Nothing at all came back. */
function neverAnswered(facts: ConnectionFacts): Cause | null {
  const { wire, trace } = facts;
  const { client, server } = wire;
  if (!unspoken(facts) || isAccepted(wire) || server.unheard) return null;
  if (wire.closes.some(({ from }) => from === 'server')) return null;
  const waited = elapsed(facts);
  const gaveUp = wire.closes.length > 0 || client.syns > 1;
  // One SYN at the end of the capture may still be answered.
  if (!gaveUp && trace.source === 'capture' && waited * 1000 < OPEN_SILENCE) return null;
  const params = { server: serverName(facts), product: facts.product, times: client.syns, seconds: waited };
  const error = gaveUp
    ? ({ from: 'client', code: 'ETIMEDOUT', message: `no answer from ${params.server}` } as const)
    : undefined;
  return cause('TCP_NO_ANSWER', gaveUp ? 'failed' : 'incomplete', params, { error });
}

function closedAtOnce(facts: ConnectionFacts): Cause | null {
  const { wire } = facts;
  const { client, server, closes } = wire;
  const [first] = closes;
  // A FIN ends only what was accepted, also where the SYN+ACK is not in the capture.
  const accepted = isAccepted(wire) || first?.how === 'fin';
  if (facts.missing || !accepted || first?.from !== 'server' || server.bytes + server.missing > 0)
    return null;
  // Something was said: the header of a load balancer.
  if (wire.proxy !== null) return null;
  // What the client said had not arrived when the server closed: its FIN does not acknowledge it, or it was sent only after that.
  const unread = first.how === 'fin' && client.bytes > 0 && client.unacknowledged === client.bytes;
  const after = client.bytes > 0 && client.first === null;
  if (!unspoken(facts) && !unread && !after) return null;
  const how = first.how === 'rst' ? 'reset' : 'closed';
  const millis = wire.start ? Math.max(0, millisBetween(wire.start, first.mark)) : 0;
  const params = { server: serverName(facts), product: facts.product, how, seconds: seconds(millis) };
  const message = `the server ${how} the connection before anything was said`;
  return cause('TCP_CLOSED_AT_ONCE', 'failed', params, {
    error: { from: 'server', code: 'SERVER_CLOSED', message },
  });
}

function portCheck(facts: ConnectionFacts): Cause | null {
  const { wire, missing, trace } = facts;
  if (missing || !unspoken(facts) || !isAccepted(wire) || wire.closes[0]?.from !== 'client') return null;
  return cause('TCP_PORT_CHECK', 'failed', { client: endpointText(trace.client), server: serverName(facts) });
}

/** Seconds from the first packet to the last of the connection, or of the capture where it is open. */
function elapsed({ wire }: ConnectionFacts): number {
  const end = wire.closes.length > 0 ? wire.end : (wire.captureEnd ?? wire.end);
  return wire.start && end ? seconds(Math.max(0, millisBetween(wire.start, end))) : 0;
}
