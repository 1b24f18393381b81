import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Issue } from '../base/issue';
import type { PacketView } from '../capture/packet';
import { CaptureFileError } from '../files/errors';
import { captureSummary, pumpCapture } from '../files/pump-capture';
import { BatchWriter, type PacketBatch } from '../inspect/packet-batch';
import { Sieve, type SieveOutlet } from '../inspect/sieve';
import type { CaptureSummary } from '../trace/model';
import type { FileResult, TakeText } from './decode-file';
import { EXIT } from './exit';
import type { ObserveReply, ObserveRequest, ObserveWorkerData } from './observe-worker';
import type { Rules } from './sarif';

/** Bytes collected that are worth a message to the other thread. */
const WORTH_SENDING = 128 << 10;
/** Batches under way before reading waits: the other thread is behind, or only just starting. */
const MOST_UNDER_WAY = 48;
/** Pieces of the file between two looks at what the other thread says. */
const PIECES_A_TURN = 8;

/**
 * Decodes one file with two threads: this one reads and keeps foreign packets back, a worker inspects the others and makes the text. The
 * result is that of `decodeFile`.
 *
 * @param program this program's own file, which the worker is started with.
 * @param keys whether there are TLS secrets besides the capture's own.
 */
export async function decodeSplit(
  data: ObserveWorkerData,
  program: string,
  keys: boolean,
  take: TakeText,
): Promise<FileResult> {
  const observer = new Observer(new Worker(program, { workerData: data }), take);
  const sieve = new Sieve(observer, keys);
  observer.onDone = (flow, ordinal) => sieve.noteDone(flow, ordinal);
  try {
    const { reader, damaged } = await pumpCapture(data.file, sieve, {
      blocking: true,
      afterChunk: () => observer.settle(),
    });
    const rules = await observer.end(captureSummary(basename(data.file), reader, []));
    return { status: damaged ? EXIT.partial : EXIT.ok, rules };
  } catch (error) {
    if (!(error instanceof CaptureFileError)) throw error;
    return { status: EXIT.unusable, complaint: error.message, rules: new Map() };
  } finally {
    await observer.close();
  }
}

/** The other thread, as the sieve's outlet. */
class Observer implements SieveOutlet {
  onDone: (flow: number, ordinal: number) => void = () => undefined;
  readonly #batch = new BatchWriter();
  readonly #spares: PacketBatch[] = [];
  #underWay = 0;
  #pieces = 0;
  /** The text given last is still being written. */
  #writing: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  readonly #finished: Promise<Rules>;

  constructor(
    private readonly worker: Worker,
    take: TakeText,
  ) {
    this.#finished = new Promise((resolve, reject) => {
      worker.on('message', (reply: ObserveReply) => {
        if (reply.text.length > 0) this.#writing = take(reply.text) ?? this.#writing;
        if ('rules' in reply) resolve(reply.rules);
        else this.#handleReply(reply);
      });
      worker.on('error', (error) => {
        reject(error);
        this.#underWay = 0;
        this.#wake?.();
      });
    });
    // Whoever reads sees it at the end.
    this.#finished.catch(() => undefined);
  }

  handlePacket(packet: PacketView, flow: number, ordinal: number): void {
    if (!this.#batch.fits(packet)) this.#send();
    this.#batch.add(packet, flow, ordinal);
  }

  handleSecrets(secrets: Uint8Array): void {
    this.#send();
    this.#post({ secrets: secrets.slice() });
  }

  handleIssue(issue: Issue): void {
    this.#send();
    this.#post({ issue });
  }

  /** The reader's memory is about to change. Gives a promise while there is too much under way. */
  settle(): Promise<void> | undefined {
    if (this.#batch.length >= WORTH_SENDING) this.#send();
    else this.#batch.settle();
    this.#pieces++;
    if (this.#underWay >= MOST_UNDER_WAY || this.#writing !== undefined) return this.#catchUp();
    return this.#pieces % PIECES_A_TURN === 0 ? setImmediate() : undefined;
  }

  async end(summary: CaptureSummary): Promise<Rules> {
    this.#send();
    this.#post({ end: summary });
    const rules = await this.#finished;
    await this.#writing;
    return rules;
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  async #catchUp(): Promise<void> {
    await this.#writing;
    this.#writing = undefined;
    while (this.#underWay >= MOST_UNDER_WAY) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #handleReply({ spare, done }: Extract<ObserveReply, { spare: PacketBatch }>): void {
    this.#underWay--;
    this.#spares.push(spare);
    for (let i = 0; i < done.length; i += 2) this.onDone(done[i], done[i + 1]);
    this.#wake?.();
  }

  #send(): void {
    if (this.#batch.count === 0) return;
    this.#underWay++;
    const batch = this.#batch.take(this.#spares.pop());
    this.#post({ batch }, [batch.bytes.buffer, batch.words.buffer, batch.doubles.buffer]);
  }

  #post(request: ObserveRequest, transfer: ArrayBuffer[] = []): void {
    this.worker.postMessage(request, transfer);
  }
}
