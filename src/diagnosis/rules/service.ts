/** Something else speaks here, or something stands in front. */
import type { Side } from '../../base/mark';
import { parseProxyHeader } from '../../network/proxy-protocol';
import { type Cause, cause } from '../cause';
import { type ConnectionFacts, serverName } from '../facts';
import type { Rule } from '../rules';
import { firstLine, foreignClient, foreignService, isOwn, type ServiceName } from '../services';
import { millisSince, OPEN_SILENCE, SILENCE } from '../timing';

/**
 * Another service by its first bytes, in the clear and inside TLS. For the beginning of a protocol's list: bytes of another service prove
 * more than what the protocol made of them.
 */
export const SERVICE_RULES: readonly Rule<ConnectionFacts>[] = [
  { gives: ['SERVICE_PROXY_HEADER'], find: proxyHeader },
  { gives: ['SERVICE_TLS_EXPECTED'], find: tlsExpected },
  // A database may answer an HTTP request in HTTP: who asked counts first.
  { gives: ['SERVICE_OTHER_CLIENT'], find: otherClient },
  { gives: ['SERVICE_OTHER_ANSWERED'], find: otherServer },
];

/** A load balancer put a header in front, and nothing that the server said belongs to the protocol. */
function proxyHeader(facts: ConnectionFacts): Cause | null {
  const { proxy } = facts.wire;
  if (proxy === null || facts.messages.server > 0 || facts.established || speaksTls(facts)) return null;
  // What the capture lacks may be the answer, and what is on its way may still come.
  if (isHalf(facts) || facts.missing !== null || !hadTime(facts)) return null;
  const params = {
    server: serverName(facts),
    product: facts.product,
    version: proxy.version,
    about: proxy.about,
  };
  const message = 'the server does not expect a PROXY protocol header';
  return cause('SERVICE_PROXY_HEADER', 'failed', params, {
    error: { from: 'server', code: 'PROXY_HEADER', message },
  });
}

/** The server answered in TLS, be it with an alert. */
function speaksTls({ wire: { tls } }: ConnectionFacts): boolean {
  return tls !== null && (tls.serverHello !== null || tls.alerts.some(({ from }) => from === 'server'));
}

/** The server ended the connection, or there was time for its answer. */
function hadTime({ wire }: ConnectionFacts): boolean {
  const [close] = wire.closes;
  if (close?.from === 'server') return true;
  return (millisSince(wire, wire.client.last) ?? 0) >= (close ? SILENCE : OPEN_SILENCE);
}

/** TLS in the clear part: an alert, or a ServerHello, where the protocol's own answer was expected. */
function tlsExpected(facts: ConnectionFacts): Cause | null {
  const { wire, product, missing } = facts;
  const { client, server, tls } = wire;
  // A ClientHello that is not in the capture may have come before.
  if (isHalf(facts) || missing !== null || tls !== null) return null;
  if (server.beheaded || client.beheaded) return null;
  if (foreignService(server.head) !== 'tls' || !isOwn(product, client.head)) return null;
  const message = 'the server speaks TLS from the first byte';
  const error = {
    from: 'server',
    code: product === 'PostgreSQL' ? 'NOT_POSTGRES' : 'TLS_REQUIRED',
    message,
  } as const;
  return cause('SERVICE_TLS_EXPECTED', 'failed', { server: serverName(facts), product }, { error });
}

function otherServer(facts: ConnectionFacts): Cause | null {
  const { wire, product } = facts;
  if (isHalf(facts)) return null;
  // Two that speak another protocol with each other, of which something is missing, or of which one has not spoken yet.
  const asked = isOwn(product, wire.client.head) || wire.tls !== null;
  if (!asked && (facts.missing !== null || (wire.client.bytes === 0 && wire.closes.length === 0)))
    return null;
  const clear = wire.server.beheaded ? null : other(facts, wire.server.head, foreignService);
  const inside = clear === null ? other(facts, wire.server.inside, foreignService) : null;
  const service = clear ?? inside;
  if (service === null) return null;
  const text = firstLine(clear ? wire.server.head : wire.server.inside);
  const params = { server: serverName(facts), product, service, text, inside: inside ? 1 : undefined };
  const code = product === 'PostgreSQL' ? 'NOT_POSTGRES' : 'NOT_MONGODB';
  const message = `the server answered something that is not ${product}`;
  const step = stepOf(facts, 'server');
  return cause('SERVICE_OTHER_ANSWERED', 'failed', params, {
    step,
    error: { from: 'client', code, message },
  });
}

function otherClient(facts: ConnectionFacts): Cause | null {
  const { wire, product, trace } = facts;
  // What was asked for tells of the wrong port only when this server does not answer it.
  const undecided = wire.closes.length === 0 && wire.server.bytes === 0;
  if (isHalf(facts) || wire.server.missing > 0 || undecided || wire.proxy !== null) return null;
  const clear = wire.client.beheaded ? null : other(facts, wire.client.head, foreignClient);
  const service = clear ?? other(facts, wire.client.inside, foreignClient);
  if (service === null) return null;
  const text = firstLine(clear ? wire.client.head : wire.client.inside);
  const params = { client: trace.client.address, server: serverName(facts), product, service, text };
  const message = `the client sent something that is not ${product}`;
  const error = { from: 'server', code: 'OTHER_CLIENT', message } as const;
  return cause('SERVICE_OTHER_CLIENT', 'failed', params, { error });
}

/** One side was not heard, or not from the beginning: what was said to it, and what it said before, cannot be told. */
function isHalf({ wire, missing }: ConnectionFacts): boolean {
  return wire.late || missing?.kind === 'direction' || wire.client.unheard || wire.server.unheard;
}

/** Bare text is a weak sign: where bytes are missing it may be from the middle, and the beginning of a PROXY header is one, too. */
function other(
  { product, missing }: ConnectionFacts,
  bytes: Uint8Array,
  name: (bytes: Uint8Array) => ServiceName | null,
): ServiceName | null {
  const service = isOwn(product, bytes) ? null : name(bytes);
  if (service === 'text' && (missing !== null || parseProxyHeader(bytes) !== null)) return null;
  return service === 'tls' ? null : service;
}

function stepOf({ trace }: ConnectionFacts, from: Side): number | undefined {
  const index = trace.steps.findIndex((step) => step.from === from && step.layer !== 'tcp');
  return index < 0 ? undefined : index;
}
