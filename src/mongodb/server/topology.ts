import { Long, ObjectId } from 'bson';
import { equalBytes } from '../../base/bytes';
import type { RandomBytes } from '../../base/machine';
import { MongoCode } from '../errors';
import type { Document } from '../wire/bson';
import { BsonType } from '../wire/bson-span';
import type { BsonView } from '../wire/bson-value';
import { failure, type Result, success } from './status';

/**
 * Which topology this process announces, and who waits for another one (mongos `MongosTopologyCoordinator`). A mongos has one change
 * of topology only: it is going to shut down.
 */
export class TopologyCoordinator {
  readonly #processId: Uint8Array;
  readonly #waiting = new Set<() => void>();
  #counter = 0;
  #inQuiesceMode = false;

  constructor(random: RandomBytes) {
    this.#processId = random(12);
  }

  /** `topologyVersion` of hello replies. */
  get version(): Document {
    return { processId: new ObjectId(this.#processId), counter: Long.fromNumber(this.#counter) };
  }

  /** Clients whose hello waits. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Every hello from now on is refused, and so is every one that waits. */
  get shutdown(): Result<void> {
    return this.#inQuiesceMode
      ? failure(MongoCode.SHUTDOWN_IN_PROGRESS, 'Mongos is in quiesce mode and will shut down')
      : success(undefined);
  }

  /** `enterQuiesceModeAndWait`, without the wait. */
  enterQuiesceMode(): void {
    if (this.#inQuiesceMode) return;
    this.#inQuiesceMode = true;
    this.#counter++;
    for (const changed of [...this.#waiting]) changed();
  }

  /** Whether a client that knows `known` has to wait for news; a failure when it knows of what is still to come. */
  isCurrent(known: BsonView): Result<boolean> {
    const id = known.get('processId');
    const counter = known.number('counter');
    if (id?.type !== BsonType.OBJECT_ID || counter === undefined) {
      return failure(
        MongoCode.TYPE_MISMATCH,
        'topologyVersion must have an ObjectId processId and a counter',
      );
    }
    if (counter < 0) return failure(51_758, 'topologyVersion must have a non-negative counter');
    if (!equalBytes(known.bytes.subarray(id.valueOffset, id.valueOffset + 12), this.#processId)) {
      return success(false);
    }
    if (counter > this.#counter) {
      const text = `Received a topology version with counter: ${counter} which is greater than the mongos topology version counter: ${this.#counter}`;
      return failure(51_761, text);
    }
    return success(counter === this.#counter);
  }

  /** @returns a function that ends the wait. */
  onChange(changed: () => void): () => void {
    this.#waiting.add(changed);
    return () => this.#waiting.delete(changed);
  }
}
