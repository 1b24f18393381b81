/** hello that waits for news, and hello that is answered again and again (mongos `cluster_hello_cmd.cpp`, Server Monitoring specification). */
import { MongoCode } from '../errors';
import type { Operation } from './operation';
import { failure, type Result, success } from './status';

/**
 * Shortest time between two replies to one request, milliseconds: `minHeartbeatFrequencyMS` of the specification, which no driver goes
 * below. It keeps a client that asks for `maxAwaitTimeMS: 0` from being sent replies without a pause.
 */
const MIN_BETWEEN_REPLIES_MS = 500;

/** Longest wait, milliseconds: what a timer can count. */
const MAX_WAIT_MS = 0x7fff_ffff;

/** `awaitHelloResponse`: calls back at once, when the topology changes, or when the client's time is over; or with why it is refused. */
export function awaitHelloResponse(operation: Operation, done: (outcome: Result<void>) => void): void {
  const { command, exhaust } = operation;
  const { topology } = operation.service;
  const waits = waitOf(operation);
  if (!waits.ok || !topology.shutdown.ok || waits.value === 0) {
    done(waits.ok ? topology.shutdown : waits);
    return;
  }
  operation.stage('awaitHelloResponse', `waits up to ${waits.value} ms for another topology`);
  const wake = operation.sleep(waits.value, () => {
    forget();
    done(topology.shutdown);
  });
  const forget = topology.onChange(wake);
  operation.onEnd(forget);
  if (exhaust) operation.stage('exhaust', `${command.firstName} is run again after its reply`);
}

/** Milliseconds to wait. */
function waitOf({ command, service, exhaust }: Operation): Result<number> {
  const known = command.document('topologyVersion');
  const asked = command.number('maxAwaitTimeMS');
  if (command.has('topologyVersion') !== command.has('maxAwaitTimeMS')) {
    const text = known
      ? "A request with a 'topologyVersion' must include 'maxAwaitTimeMS'"
      : "A request with 'maxAwaitTimeMS' must include a 'topologyVersion'";
    return failure(51_760, text);
  }
  if (!command.has('topologyVersion')) {
    if (!exhaust) return success(0);
    return failure(51_763, "A hello/isMaster request with exhaust must specify 'maxAwaitTimeMS'");
  }
  if (!known || asked === undefined) {
    return failure(MongoCode.TYPE_MISMATCH, 'topologyVersion must be a document and maxAwaitTimeMS a number');
  }
  if (!(asked >= 0)) return failure(51_759, 'maxAwaitTimeMS must be a non-negative integer');
  const current = service.topology.isCurrent(known);
  if (!current.ok) return current;
  if (!current.value) return success(0);
  return success(Math.min(MAX_WAIT_MS, Math.max(exhaust ? MIN_BETWEEN_REPLIES_MS : 0, Math.floor(asked))));
}

/** The reply was made: says how the same request goes on (`replyBuilder->setNextInvocation`). */
export function continueExhaust(operation: Operation): void {
  if (operation.exhaust) operation.setNextInvocation({ topologyVersion: operation.service.topology.version });
}
