import { Worker } from 'node:worker_threads';
import type { CapturePath } from './capture-paths';
import type { FileResult } from './decode-file';
import type { DecodeWorkerData, DecodeWorkerMessage } from './decode-worker';
import { DECODE_WORKER } from './thread';

/** What a file has given so far. */
interface Progress {
  readonly texts: Uint8Array[];
  result?: FileResult;
}

/**
 * Decodes files in several threads. Their texts come out in the order of the files: the first unfinished file's as it comes, those of
 * the others, at most one for each thread and those already finished, when it is their turn.
 */
export async function decodeInParallel(
  files: readonly CapturePath[],
  data: DecodeWorkerData,
  workers: number,
  program: string,
  on: {
    readonly text: (index: number, text: Uint8Array) => void;
    readonly end: (index: number, result: FileResult) => void;
  },
): Promise<void> {
  const progress: Progress[] = files.map(() => ({ texts: [] }));
  let next = 0;
  let head = 0;
  const release = () => {
    for (; head < files.length; head++) {
      for (const text of progress[head].texts.splice(0)) on.text(head, text);
      const { result } = progress[head];
      if (!result) return;
      on.end(head, result);
    }
  };
  const serve = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(program, { workerData: data, argv: [DECODE_WORKER] });
      let index = -1;
      const take = () => {
        index = next++;
        if (index < files.length) worker.postMessage(files[index].path);
        else void worker.terminate().then(() => resolve());
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
  await Promise.all(Array.from({ length: workers }, serve));
}
