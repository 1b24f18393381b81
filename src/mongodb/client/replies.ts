/** What a driver makes of a server's replies, before it decides what to do next. */
import type { MachineError } from '../../base/machine';
import { codeName } from '../errors';
import { isAuthentication, requestKind } from '../exchange';
import type { BsonView } from '../wire/bson-value';
import { type DriverOptions, WIRE_VERSIONS } from './client-options';

/** A replica set has at most 50 members. */
const MAX_MEMBERS = 50;

/** Hosts of the replica set that a hello names, hidden members left out. */
export function membersOf(hello: BsonView): readonly string[] {
  const named = [...(hello.strings('hosts') ?? []), ...(hello.strings('passives') ?? [])];
  return named.slice(0, MAX_MEMBERS);
}

/** Whether a server takes logins at all: mongos, a standalone, a primary or a secondary; others answer hello and ping. */
export function takesLogins(hello: BsonView): boolean {
  if (hello.truthy('arbiterOnly')) return false;
  return hello.truthy('ismaster') || hello.truthy('isWritablePrimary') || hello.truthy('secondary');
}

/**
 * Why a driver would not go on with a server after its hello: another wire version, or another replica set than the one asked for. Server
 * selection drops a server of another set, a standalone and a mongos alike, and in the end finds none.
 */
export function helloProblem(
  hello: BsonView,
  { replicaSet, loadBalanced }: Pick<DriverOptions, 'replicaSet' | 'loadBalanced'>,
): MachineError | null {
  const min = hello.number('minWireVersion') ?? 0;
  const max = hello.number('maxWireVersion') ?? 0;
  if (min > WIRE_VERSIONS.max || max < WIRE_VERSIONS.min) {
    return {
      from: 'client',
      code: 'MONGO_WIRE_VERSION',
      message: 'the server speaks other wire versions',
      expected: `${WIRE_VERSIONS.min} to ${WIRE_VERSIONS.max}`,
      got: `${min} to ${max}`,
    };
  }
  if (loadBalanced && !hello.has('serviceId')) {
    const message = 'the server gave no serviceId: it is not behind a load balancer that MongoDB knows of';
    return { from: 'client', code: 'MONGO_NO_SERVICE_ID', message };
  }
  const setName = hello.string('setName');
  if (replicaSet === undefined || setName === replicaSet) return null;
  const who = setName === undefined ? 'no member of a replica set' : `a member of the replica set ${setName}`;
  const next = setName === undefined ? 'Leave replicaSet out' : 'Correct replicaSet';
  return {
    from: 'client',
    code: 'MONGO_REPLICA_SET',
    message: `the server is ${who}, and the connection string says replicaSet=${replicaSet}. ${next}`,
    expected: replicaSet,
    got: setName ?? 'none',
  };
}

/** A refusal in the server's words; `$err` is how failed queries say it. @param name of the command. */
export function serverError(name: string, reply: BsonView): MachineError {
  const code = reply.number('code');
  const text = reply.string('errmsg') ?? reply.string('$err') ?? 'no reason given';
  const known = code === undefined ? '' : ` (${reply.string('codeName') ?? codeName(code)})`;
  const verb = isAuthentication(requestKind(name).kind) ? 'was refused' : 'failed';
  return {
    from: 'server',
    code: code === undefined ? 'MONGO_NO_CODE' : String(code),
    message: `${name} ${verb}: ${text}${known}`,
  };
}
