import { Worker } from 'node:worker_threads';
import type { CapturePath } from './capture-paths';
import type { FileResult } from './decode-file';
import type { DecodeWorkerData, DecodeWorkerMessage, DecodeWorkerTask } from './decode-worker';
import { YOUNG_LIMIT } from './small-heap';
import { DECODE_WORKER } from './thread';

/** What a file has given so far. */
interface Progress {
  readonly texts: Uint8Array[];
  result?: FileResult;
  /** Tells the thread that this much of its text is gone. */
  taken?: (bytes: number) => void;
}

/**
 * Decodes files in several threads. Their texts come out in the order of the files: the first unfinished file's as it comes, those of
 * the others, at most one for each thread and those already finished, when it is their turn. A thread whose text is not taken waits, see
 * `Ahead`.
 */
export async function decodeInParallel(
  files: readonly CapturePath[],
  data: DecodeWorkerData,
  workers: number,
  program: string,
  on: {
    /** The thread that gave the text is told of its end when the promise, if any, ends. */
    readonly text: (index: number, text: Uint8Array) => Promise<void> | undefined;
    readonly end: (index: number, result: FileResult) => void;
  },
): Promise<void> {
  const progress: Progress[] = files.map(() => ({ texts: [] }));
  let next = 0;
  let head = 0;
  const release = () => {
    for (; head < files.length; head++) {
      const { texts, taken, result } = progress[head];
      for (const text of texts.splice(0)) {
        const full = on.text(head, text);
        if (full) void full.then(() => taken?.(text.length), reject);
        else taken?.(text.length);
      }
      if (!result) return;
      on.end(head, result);
    }
  };
  let reject: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, fail) => {
    reject = fail;
  });
  const serve = () =>
    new Promise<void>((resolve) => {
      const worker = new Worker(program, {
        workerData: data,
        argv: [DECODE_WORKER],
        resourceLimits: YOUNG_LIMIT,
      });
      let index = -1;
      const take = () => {
        index = next++;
        if (index < files.length) {
          progress[index].taken = (bytes) => worker.postMessage({ taken: bytes } satisfies DecodeWorkerTask);
          worker.postMessage({ file: files[index].path } satisfies DecodeWorkerTask);
        } else void worker.terminate().then(() => resolve());
      };
      worker.on('message', (message: DecodeWorkerMessage) => {
        if ('text' in message) {
          progress[index].texts.push(message.text);
        } else {
          progress[index].result = message.result;
          take();
        }
        release();
      });
      worker.on('error', reject);
      take();
    });
  await Promise.race([Promise.all(Array.from({ length: workers }, serve)), failed]);
}
