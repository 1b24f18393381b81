import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Foreign } from './foreign-traffic';
import { type RecordedConversation, recordedConversations } from './recorded-conversations';
import { replayOf } from './replay';

/** Raised when the content changes, so that an older file is not taken for the new one. */
const CONTENT_VERSION = 4;

/** `mixed`: 2 % of the packets are handshakes, the rest foreign flows and bulk data. `handshakes`: nothing else. */
export type CaptureKind = 'mixed' | 'handshakes';

export interface BenchCapture {
  readonly file: string;
  readonly packets: number;
  /** Connections replayed; each gives one trace. */
  readonly handshakes: number;
}

/** Connections under way at once. */
const CONCURRENT: Readonly<Record<CaptureKind, number>> = { mixed: 4, handshakes: 64 };

/** Writes (once; it is kept in the system's temporary folder) a classic capture out of recorded conversations. */
export function makeCapture(root: string, kind: CaptureKind, packets: number): BenchCapture {
  return keptCapture(`${kind}-${packets}`, (file) => ({
    packets,
    handshakes: write(file, kind, packets, recordedConversations(root)),
  }));
}

/** A capture by its name, written the first time. */
export function keptCapture(
  name: string,
  make: (file: string) => { readonly packets: number; readonly handshakes: number },
): BenchCapture {
  const folder = join(tmpdir(), 'handshake-inspector-bench');
  const file = join(folder, `v${CONTENT_VERSION}-${name}.pcap`);
  if (!existsSync(`${file}.json`)) {
    mkdirSync(folder, { recursive: true });
    const temporary = `${file}.${process.pid}`;
    const made = make(temporary);
    renameSync(temporary, file);
    writeFileSync(`${file}.json`, JSON.stringify(made));
  }
  return { file, ...(JSON.parse(readFileSync(`${file}.json`, 'utf8')) as Omit<BenchCapture, 'file'>) };
}

/** @returns connections replayed. */
function write(
  file: string,
  kind: CaptureKind,
  packets: number,
  recorded: readonly RecordedConversation[],
): number {
  const out = new ClassicFile(file);
  const foreign = new Foreign();
  const active: Iterator<Uint8Array>[] = [];
  let started = 0;
  let turn = 0;
  const handshakePacket = (mayStart: boolean): Uint8Array | undefined => {
    while (active.length < CONCURRENT[kind] && mayStart) {
      active.push(replayOf(recorded[started % recorded.length], started));
      started++;
    }
    while (active.length > 0) {
      turn = (turn + 1) % active.length;
      const next = active[turn].next();
      if (!next.done) return next.value;
      active.splice(turn, 1);
      if (mayStart) {
        active.push(replayOf(recorded[started % recorded.length], started));
        started++;
      }
    }
    return undefined;
  };
  // The last connections end before the capture does.
  const lastStart = packets - CONCURRENT[kind] * 100 * (kind === 'mixed' ? 50 : 1);
  for (let number = 0; number < packets; number++) {
    const due = kind === 'handshakes' || number % 50 === 0 || number >= packets - 100 * CONCURRENT[kind];
    out.write((due ? handshakePacket(number < lastStart) : undefined) ?? foreign.next());
  }
  out.close();
  return started;
}

/** A classic capture of Ethernet packets, 20 microseconds apart. */
export class ClassicFile {
  readonly #descriptor: number;
  readonly #buffer = Buffer.alloc(1 << 20);
  #used = 0;
  #count = 0;

  constructor(file: string) {
    this.#descriptor = openSync(file, 'w');
    for (const word of [0xa1b2c3d4, 0x00040002, 0, 0, 262_144, 1]) this.#word(word);
  }

  write(packet: Uint8Array): void {
    if (this.#used + 16 + packet.length > this.#buffer.length) this.#flush();
    this.#word(1_767_225_600 + Math.floor(this.#count / 50_000));
    this.#word((this.#count % 50_000) * 20);
    this.#word(packet.length);
    this.#word(packet.length);
    this.#buffer.set(packet, this.#used);
    this.#used += packet.length;
    this.#count++;
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }

  #word(value: number): void {
    this.#used = this.#buffer.writeUInt32LE(value, this.#used);
  }

  #flush(): void {
    writeSync(this.#descriptor, this.#buffer, 0, this.#used);
    this.#used = 0;
  }
}
