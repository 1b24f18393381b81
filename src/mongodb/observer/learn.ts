/** What hello and its answer tell of the two ends. */
import type { ObserverRecord, ServerRole, Topology } from '../diagnose/record';
import { isAwaitable, type RequestKind } from '../exchange';
import type { BsonView } from '../wire/bson-value';
import { serverRole } from './summaries';

/** Members noted of one replica set; a set has at most 50. */
const MAX_MEMBERS = 50;

/** Longest name of a driver kept. */
const MAX_NAME = 100;

/** Takes in what a client says of itself. */
export function learnFromHello(record: ObserverRecord, hello: BsonView): void {
  record.awaitable = isAwaitable(hello);
  record.loadBalanced ||= hello.truthy('loadBalanced');
  record.mechanismsOf = hello.sharedString('saslSupportedMechs') ?? record.mechanismsOf;
  if (record.driver !== '') return;
  const driver = hello.document('client')?.document('driver');
  if (!driver) return;
  record.driver = (driver.sharedString('name') ?? '').slice(0, MAX_NAME);
  record.driverVersion = (driver.sharedString('version') ?? '').slice(0, MAX_NAME);
}

/** Takes in what a server says of itself. The members of a set are read again when its role or the set changes. */
export function learnFromReply(record: ObserverRecord, reply: BsonView): void {
  const role = serverRole(reply);
  const known = record.topology;
  if (role !== known?.role || reply.sharedString('setName') !== known.setName)
    record.topology = topologyOf(reply, role);
  record.role = role;
  record.maxWireVersion = reply.number('maxWireVersion') ?? record.maxWireVersion;
  record.mechanisms = reply.strings('saslSupportedMechs') ?? record.mechanisms;
}

function topologyOf(reply: BsonView, role: ServerRole): Topology {
  const setName = reply.sharedString('setName');
  const inSet = setName !== undefined;
  return {
    role,
    setName,
    hosts: inSet
      ? [...(reply.strings('hosts') ?? []), ...(reply.strings('passives') ?? [])].slice(0, MAX_MEMBERS)
      : [],
    primary: inSet ? reply.sharedString('primary') : undefined,
    me: inSet ? reply.sharedString('me') : undefined,
    hidden: reply.truthy('hidden'),
    info: reply.sharedString('info'),
    serviceId: reply.has('serviceId'),
    minWireVersion: reply.number('minWireVersion'),
  };
}

/**
 * To what a reply whose request was not captured must be the answer; `undefined` where that cannot be told. Only for captures that lack
 * something: elsewhere such a reply is an error.
 */
export function answeredKind(reply: BsonView): RequestKind | undefined {
  if (reply.has('maxWireVersion') || reply.has('ismaster') || reply.has('isWritablePrimary')) return 'hello';
  if (reply.has('conversationId')) return 'saslContinue';
  if (reply.truthy('ok')) return reply.has('nonce') ? 'getnonce' : undefined;
  return reply.number('code') === AUTHENTICATION_FAILED ? 'saslContinue' : undefined;
}

const AUTHENTICATION_FAILED = 18;
