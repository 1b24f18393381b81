import { emptyView, type PacketSink } from '../../src/capture/packet';
import type { Inspector } from '../../src/inspect/inspector';
import { BatchWriter, type PacketBatch, readBatch } from '../../src/inspect/packet-batch';
import { Sieve } from '../../src/inspect/sieve';

/** An inspector behind a sieve, with batches between them, as two threads have it. */
export interface Sifted {
  readonly sink: Required<PacketSink>;
  readonly sieve: Sieve;
  /** Everything on its way has arrived. */
  flush(): void;
}

/**
 * @param every packets in a batch.
 * @param late batches after which the sieve hears what the inspector is done with.
 */
export function sifted(inspector: Inspector, every = 5, late = 1): Sifted {
  const writer = new BatchWriter();
  const view = emptyView();
  const waiting: [number, number][][] = [];
  let spare: PacketBatch | undefined;
  const send = () => {
    if (writer.count === 0) return;
    const batch = writer.take(spare);
    const done: [number, number][] = [];
    readBatch(batch, view, (packet, flow, ordinal) => {
      inspector.handlePacket(packet);
      if (flow >= 0 && inspector.doneWithLast) done.push([flow, ordinal]);
    });
    spare = batch;
    waiting.push(done);
    if (waiting.length > late)
      for (const [flow, ordinal] of waiting.shift() ?? []) sieve.noteDone(flow, ordinal);
  };
  const sieve = new Sieve(
    {
      handlePacket(packet, flow, ordinal) {
        if (!writer.fits(packet)) send();
        writer.add(packet, flow, ordinal);
        if (writer.count >= every) send();
      },
      handleSecrets(text) {
        send();
        inspector.handleSecrets(text);
      },
      handleIssue(problem) {
        send();
        inspector.handleIssue(problem);
      },
    },
    !inspector.keyLog.empty,
  );
  return { sink: sieve, sieve, flush: send };
}
