/** Below TLS and the protocol: refused, never answered, lost. */
import { cause } from '../cause';
import { type ConnectionFacts, serverName } from '../facts';
import type { Rule } from '../rules';

export const NETWORK_RULES: readonly Rule<ConnectionFacts>[] = [{ gives: ['TCP_REFUSED'], find: refused }];

/** The SYN was answered with RST. */
function refused(facts: ConnectionFacts) {
  const { wire, product } = facts;
  const [first] = wire.closes;
  if (wire.client.syns === 0 || wire.server.syns > 0 || first?.from !== 'server' || first.how !== 'rst')
    return null;
  if (wire.client.bytes + wire.server.bytes > 0) return null;
  const server = serverName(facts);
  const error = { from: 'server', code: 'ECONNREFUSED', message: `connection refused by ${server}` } as const;
  return cause('TCP_REFUSED', 'failed', { server, product }, { error });
}
