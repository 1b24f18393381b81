/** The addresses that a replica set names for its members, against the one that the client used. */
import { type Cause, cause } from '../../diagnosis/cause';
import { serverName } from '../../diagnosis/facts';
import type { Outcome } from '../../trace/model';
import { type MongoFacts, roleParams } from './facts';
import { driverOf } from './rules/refused';

/** Names shown of a long list. */
const SHOWN = 3;

/** The set does not name the address that was used. A name may still lead here: what it resolves to is not in the capture. */
export function otherNames(facts: MongoFacts, outcome: Outcome): Cause | null {
  const { topology } = facts.record;
  if (!topology || topology.hosts.length === 0) return null;
  const { address, port } = facts.trace.server;
  if (topology.hosts.some((host) => isHere(host, address, port))) return null;
  const rest = topology.hosts.length - SHOWN;
  const hosts = `${topology.hosts.slice(0, SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  const params = { ...roleParams(facts.record), hosts, server: serverName(facts), driver: driverOf(facts) };
  return cause('MONGO_MEMBER_NAMES', outcome, { ...params, stayed: outcome === 'ready' ? 1 : null });
}

/** The same where every member is an address, so that no name can lead here. */
export function otherAddresses(facts: MongoFacts, outcome: Outcome): Cause | null {
  const hosts = facts.record.topology?.hosts ?? [];
  return hosts.every((host) => ADDRESS.test(host)) ? otherNames(facts, outcome) : null;
}

/** IPv4 with a port, or IPv6 in brackets. */
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\])(:\d+)?$/;

/** Whether a member's name is this address, as far as a name tells. */
function isHere(host: string, address: string, port: number): boolean {
  const found = /^\[?(.*?)\]?(?::(\d+))?$/.exec(host);
  const name = found?.[1] ?? host;
  if (Number(found?.[2] ?? 27_017) !== port) return false;
  const loopback = address.startsWith('127.') || address === '::1';
  return name === address || (loopback && (name === 'localhost' || name === '127.0.0.1' || name === '::1'));
}
