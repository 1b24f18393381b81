import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { readKeyLog } from '../files/read-key-log';
import type { DecodeAs } from '../inspect/known-servers';
import type { FileResult } from './decode-file';
import { decodeFile } from './decode-file';
import type { DecodeFormat, JsonVersion } from './formats';

/** What a worker of `decode` is started with. */
export interface DecodeWorkerData {
  readonly format: DecodeFormat;
  readonly jsonVersion?: JsonVersion;
  readonly reveal: boolean;
  readonly keylog?: string;
  readonly decodeAs?: DecodeAs;
  readonly unpackedLimit?: number;
}

/** What it says: pieces of a file's text, then what became of the file. */
export type DecodeWorkerMessage = { readonly text: Uint8Array } | { readonly result: FileResult };

/** What it is told: a file to decode, and how much of its text is gone. */
export type DecodeWorkerTask = { readonly file: string } | { readonly taken: number };

/** Bytes of text that may be on their way to the parent at once: enough for most files to be done before it is their turn. */
const MOST_AHEAD = 16 << 20;

/** How much of a thread's text has not been taken yet, and who waits for that. */
export class Ahead {
  #bytes = 0;
  #go: (() => void) | undefined;

  constructor(private readonly most: number = MOST_AHEAD) {}

  /** @returns what to wait for before more is given, if anything. */
  give(bytes: number): Promise<void> | undefined {
    this.#bytes += bytes;
    if (this.#bytes <= this.most) return undefined;
    return new Promise((resolve) => {
      this.#go = resolve;
    });
  }

  take(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#bytes > this.most) return;
    this.#go?.();
    this.#go = undefined;
  }
}

/** Decodes the files that its parent names, one after the other. @returns undefined in a thread that has no parent. */
export function serveDecoding(): Promise<void> | undefined {
  return parentPort === null ? undefined : serve(parentPort);
}

async function serve(port: MessagePort): Promise<void> {
  const { format, jsonVersion, reveal, keylog, decodeAs, unpackedLimit } = workerData as DecodeWorkerData;
  const keyLog = keylog ? await readKeyLog(keylog) : undefined;
  const ahead = new Ahead();
  port.on('message', async (task: DecodeWorkerTask) => {
    if ('taken' in task) {
      ahead.take(task.taken);
      return;
    }
    const { file } = task;
    const result = await decodeFile(
      file,
      { format, jsonVersion, reveal, keyLog, decodeAs, unpackedLimit, several: true, blocking: true },
      (text) => {
        // A copy: all of the memory behind a part would be sent.
        port.postMessage({ text: new Uint8Array(text) } satisfies DecodeWorkerMessage);
        return ahead.give(text.length);
      },
    );
    port.postMessage({ result } satisfies DecodeWorkerMessage);
  });
}
