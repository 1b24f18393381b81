import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { readKeyLog } from '../files/read-key-log';
import type { DecodeAs } from '../inspect/known-servers';
import type { FileResult } from './decode-file';
import { decodeFile } from './decode-file';
import type { DecodeFormat } from './formats';

/** What a worker of `decode` is started with. */
export interface DecodeWorkerData {
  readonly format: DecodeFormat;
  readonly reveal: boolean;
  readonly keylog?: string;
  readonly decodeAs?: DecodeAs;
}

/** What it says: pieces of a file's text, then what became of the file. */
export type DecodeWorkerMessage = { readonly text: Uint8Array } | { readonly result: FileResult };

/** Decodes the files that its parent names, one after the other. @returns undefined in a thread that has no parent. */
export function serveDecoding(): Promise<void> | undefined {
  return parentPort === null ? undefined : serve(parentPort);
}

async function serve(port: MessagePort): Promise<void> {
  const { format, reveal, keylog, decodeAs } = workerData as DecodeWorkerData;
  const keyLog = keylog ? await readKeyLog(keylog) : undefined;
  port.on('message', async (file: string) => {
    const result = await decodeFile(
      file,
      { format, reveal, keyLog, decodeAs, several: true, blocking: true },
      (text) => {
        // A copy: all of the memory behind a part would be sent.
        port.postMessage({ text: new Uint8Array(text) } satisfies DecodeWorkerMessage);
        return undefined;
      },
    );
    port.postMessage({ result } satisfies DecodeWorkerMessage);
  });
}
