import type { FileHandle } from 'node:fs/promises';
import { type PortRange, portsText } from '../contract/ports';
import type { RecordingState } from '../contract/values';
import { PlacesSink, type TracePlaces } from '../files/trace-places';
import { Inspector } from '../inspect/inspector';
import type { DecodeAs } from '../inspect/known-servers';
import { KeyLog } from '../tls/keylog';
import type { Trace } from '../trace/model';
import type { CaptureProcess } from './capture-process';
import { KeyLogTail } from './key-log-tail';
import { PacketStream } from './packet-stream';
import { droppedPackets, lastWords } from './problems';

/** Where a recording ends by itself, so that a forgotten one fills neither disk nor memory. */
export interface RecordLimits {
  readonly bytes: number;
  readonly milliseconds: number;
}

/** Every handshake that was found is kept in memory, at some ten kilobytes each. */
export const MAX_HANDSHAKES = 20_000;

export interface RecordOptions {
  readonly interface: string;
  readonly ports: readonly PortRange[];
  /** File for what the program writes, as it writes it; it must not exist. Null keeps nothing on disk. */
  readonly file: string | null;
  readonly limits: RecordLimits;
  /** TLS key log to follow while recording; it need not exist yet. */
  readonly keyLogFile?: string | null;
  /** What is spoken on ports of servers, on the user's word. */
  readonly decodeAs?: DecodeAs;
  /** Called as soon as a handshake is over, in order of their ends; its id counts them. */
  readonly onTrace: (trace: Trace, key: number) => void;
  /** Takes down where the packets are, as `readCapture` does. */
  readonly places?: TracePlaces;
  /** Called when something came, and twice a second. */
  readonly onState?: (state: RecordingState) => void;
}

export type EndReason = 'stopped' | 'time' | 'size' | 'handshakes' | 'died' | 'disk';

export interface RecordingEnd {
  readonly reason: EndReason;
  /** A sentence for every end that nobody asked for; null when it was stopped. */
  readonly message: string | null;
  /** Packets that the program had to drop. */
  readonly dropped: number;
  /** Why not all of the key log was read; null when it was. */
  readonly keyLogProblem: string | null;
}

const TICK_MS = 500;
const MEGABYTE = 1_000_000;

/**
 * A recording in progress: the program's output goes to the file as it is, and through `pcap-parser` to the inspector, piece by piece. It
 * always ends: when it is stopped, at a limit, when the program dies or the disk is full.
 */
export class ActiveRecording {
  readonly startedAt = Date.now();
  /** Resolves when the last packet was looked at and the file is closed; never rejects. */
  readonly done: Promise<RecordingEnd>;
  readonly #process: CaptureProcess;
  readonly #options: RecordOptions;
  readonly #inspector: Inspector;
  readonly #packets: PacketStream;
  readonly #keyLog: KeyLogTail | null;
  #bytes = 0;
  #traces = 0;
  #reason: EndReason | null = null;
  #detail = '';

  /** @param process has begun to capture. @param file is open for writing, or null. */
  constructor(process: CaptureProcess, file: FileHandle | null, options: RecordOptions) {
    this.#process = process;
    this.#options = options;
    const keyLog = new KeyLog();
    this.#keyLog = options.keyLogFile ? new KeyLogTail(options.keyLogFile, keyLog) : null;
    this.#inspector = new Inspector({
      keyLog,
      onTrace: (trace, key) => this.#found(trace, key),
      // Who wants to keep the traces does: they are not kept twice.
      onOrderedTrace: () => {},
      framesOf: options.places?.frames,
      decodeAs: options.decodeAs,
    });
    this.#packets = new PacketStream(
      options.places ? new PlacesSink(this.#inspector, options.places) : this.#inspector,
    );
    this.done = this.#run(file);
  }

  get state(): RecordingState {
    const { interface: name, ports, limits } = this.#options;
    return {
      interface: name,
      ports: portsText(ports),
      program: this.#process.program.name,
      elapsedMs: Math.max(0, Date.now() - this.startedAt),
      packets: this.#packets.packets,
      bytes: this.#bytes,
      traces: this.#traces,
      open: this.#inspector.openCount,
      maxBytes: limits.bytes,
      maxMs: limits.milliseconds,
    };
  }

  /** Ends it; what was recorded stays. No effect once it has ended. */
  stop(): void {
    this.#end('stopped');
  }

  async #run(file: FileHandle | null): Promise<RecordingEnd> {
    const { limits, onState } = this.#options;
    const limit = setTimeout(() => this.#end('time'), limits.milliseconds);
    const tick = setInterval(() => onState?.(this.state), TICK_MS);
    try {
      for await (const chunk of this.#process.chunks) await this.#take(chunk, file);
    } catch {
      // Its output was cut off because it did not end when it was told to.
    }
    await this.#process.closed;
    clearTimeout(limit);
    clearInterval(tick);
    await file?.close().catch((error: Error) => this.#failDisk(error));
    this.#inspector.finish();
    this.#keyLog?.close();
    // dumpcap ends by itself at the time it was given, which may be a little before ours.
    if (this.#reason === null && Date.now() - this.startedAt >= limits.milliseconds - 2_000)
      this.#reason = 'time';
    const reason = this.#reason ?? 'died';
    const { stderr } = this.#process;
    return {
      reason,
      message: this.#message(reason),
      dropped: droppedPackets(stderr),
      keyLogProblem: this.#keyLog?.problem ?? null,
    };
  }

  async #take(chunk: Buffer, file: FileHandle | null): Promise<void> {
    if (this.#reason === 'disk' || this.#packets.problem !== null) return;
    this.#bytes += chunk.length;
    // First to the disk: whatever happens while it is looked at, it is not lost.
    if (file) await file.writeFile(chunk).catch((error: Error) => this.#failDisk(error));
    this.#keyLog?.look();
    this.#packets.push(chunk);
    if (this.#packets.problem !== null) {
      this.#detail = `it wrote ${this.#packets.problem}`;
      this.#end('died');
    }
    if (this.#bytes >= this.#options.limits.bytes) this.#end('size');
    this.#options.onState?.(this.state);
  }

  #found(trace: Trace, key: number): void {
    // A copy, numbered in the order of the ends: the inspector renumbers its own once it knows the order of the starts.
    this.#options.onTrace({ ...trace, id: `t${++this.#traces}` }, key);
    if (this.#traces >= MAX_HANDSHAKES) this.#end('handshakes');
  }

  #failDisk(error: Error): void {
    this.#detail ||= error.message;
    this.#end('disk');
  }

  #end(reason: EndReason): void {
    this.#reason ??= reason;
    this.#process.stop();
  }

  #message(reason: EndReason): string | null {
    const { limits, interface: name } = this.#options;
    const { program, stderr } = this.#process;
    switch (reason) {
      case 'stopped':
        return null;
      case 'time':
        return `Recording ended at its limit of ${durationText(limits.milliseconds)}.`;
      case 'size':
        return `Recording ended at its limit of ${Math.round(limits.bytes / MEGABYTE) || '<1'} MB.`;
      case 'handshakes':
        return `Recording ended at ${MAX_HANDSHAKES.toLocaleString('en')} handshakes, the most that are kept.`;
      case 'disk':
        return `Recording ended because the file could not be written: ${this.#detail}`;
      default:
        return `${program.name} stopped recording ${name} by itself: ${this.#detail || lastWords(stderr, program.name) || 'it said nothing.'}`;
    }
  }
}

function durationText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return `${seconds} s`;
  return `${Math.round(seconds / 60)} minutes`;
}
