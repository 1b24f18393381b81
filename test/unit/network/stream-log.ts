import type { Mark } from '../../../src/base/mark';
import { DEFAULT_LIMITS, type StreamLimits, TcpStream } from '../../../src/network/reassembly';

/** One thing that a stream told: bytes as text (latin1), the length of a gap, and so on. */
export type Told =
  | ['open', number]
  | ['bytes', string, number]
  | ['gap', number, number]
  | ['close', 'fin' | 'rst', number]
  | ['conflict', number, number];

export function mark(frame: number): Mark {
  return { frame, seconds: frame, nanos: 0 };
}

export function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

export function bytesOf(content: string): Uint8Array {
  return Uint8Array.from(content, (char) => char.charCodeAt(0));
}

/** A stream that writes down what it tells, with frame numbers; segments get frames 1, 2, 3… */
export class StreamLog {
  readonly told: Told[] = [];
  readonly stream: TcpStream;
  #frame = 0;

  constructor(limits: StreamLimits = DEFAULT_LIMITS) {
    this.stream = new TcpStream(
      {
        onOpen: (at) => this.told.push(['open', at.frame]),
        onBytes: (bytes, at) => this.told.push(['bytes', text(bytes), at.frame]),
        onGap: (length, at) => this.told.push(['gap', length, at.frame]),
        onClose: (how, at) => this.told.push(['close', how, at.frame]),
        onConflict: (offset, _first, at) => this.told.push(['conflict', offset, at.frame]),
      },
      limits,
    );
  }

  segment(sequence: number, flags: number, content = '', missing = 0): this {
    const bytes = bytesOf(content);
    this.stream.handleSegment(sequence, flags, bytes, missing, mark(++this.#frame));
    // What a packet's buffer holds later must not matter.
    bytes.fill(0);
    return this;
  }

  acknowledge(acknowledgment: number, decisive = false): this {
    this.stream.handleAcknowledgment(acknowledgment, decisive, mark(++this.#frame));
    return this;
  }

  finish(): this {
    this.stream.finish(mark(++this.#frame));
    return this;
  }

  /** All bytes, with `#` for each one missing. */
  get content(): string {
    return this.told
      .map((entry) => (entry[0] === 'bytes' ? entry[1] : entry[0] === 'gap' ? '#'.repeat(entry[1]) : ''))
      .join('');
  }
}
