import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Issue } from '../base/issue';
import { emptyView } from '../capture/packet';
import { readKeyLog } from '../files/read-key-log';
import { Inspector } from '../inspect/inspector';
import { type PacketBatch, readBatch } from '../inspect/packet-batch';
import type { CaptureSummary } from '../trace/model';
import { documentWriter } from './document-writer';
import type { DecodeFormat } from './formats';
import { joinText, type Text } from './output';
import type { Rules } from './sarif';

/** What a worker that observes one file is started with. */
export interface ObserveWorkerData {
  readonly role: 'observe';
  readonly file: string;
  readonly format: DecodeFormat;
  readonly reveal: boolean;
  readonly several: boolean;
  readonly keylog?: string;
}

/** What it is told, in the order of the file; at last what is known of the file, but the issues found here. */
export type ObserveRequest =
  | { readonly batch: PacketBatch }
  | { readonly secrets: Uint8Array }
  | { readonly issue: Issue }
  | { readonly end: CaptureSummary };

/** What it says after each batch, and at the end. */
export type ObserveReply =
  | {
      readonly text: Text;
      /** The batch's memory, to be used again. */
      readonly spare: PacketBatch;
      /** Pairs: a flow of which nothing more is wanted, and the ordinal of its packet after which that was so. */
      readonly done: Uint32Array;
    }
  | { readonly text: Text; readonly rules: Rules };

/** Inspects the packets that its parent reads and sorts, and gives the text of their traces. */
export async function serveObserving(): Promise<void> {
  const port = parentPort as MessagePort;
  const { file, format, reveal, several, keylog } = workerData as ObserveWorkerData;
  // Messages wait until somebody listens.
  const keyLog = keylog ? await readKeyLog(keylog) : undefined;
  const rules: Rules = new Map();
  let texts: Text[] = [];
  const sink = { write: (text: Text) => void texts.push(text) };
  const writer = documentWriter(sink, { format, reveal, file, several }, rules);
  const inspector = new Inspector({
    keyLog,
    outline: format === 'list',
    onOrderedTrace: (trace) => writer.trace(trace),
  });
  const view = emptyView();
  const takeText = () => {
    const text = joinText(texts);
    texts = [];
    return text;
  };
  port.on('message', (request: ObserveRequest) => {
    if ('batch' in request) {
      const done: number[] = [];
      readBatch(request.batch, view, (packet, flow, ordinal) => {
        inspector.handlePacket(packet);
        if (flow >= 0 && inspector.doneWithLast) done.push(flow, ordinal);
      });
      const spare = request.batch;
      const reply: ObserveReply = { text: takeText(), spare, done: Uint32Array.from(done) };
      port.postMessage(reply, [spare.bytes.buffer, spare.words.buffer, spare.doubles.buffer]);
    } else if ('secrets' in request) {
      inspector.handleSecrets(request.secrets);
    } else if ('issue' in request) {
      inspector.handleIssue(request.issue);
    } else {
      inspector.finish();
      writer.end({ ...request.end, issues: [...inspector.issues] });
      port.postMessage({ text: takeText(), rules } satisfies ObserveReply);
      port.close();
    }
  });
}
