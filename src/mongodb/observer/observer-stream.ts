import { keptCopyOf } from '../../base/arena';
import { type Issue, NO_ISSUES } from '../../base/issue';
import type { Mark } from '../../base/mark';
import { StreamBuffer } from '../../base/stream-buffer';
import { unpack } from '../wire/compression';
import { HEADER_BYTES } from '../wire/opcodes';
import { parseHeader, parseMessage, type WireMessage } from '../wire/wire';

/** A message as it was seen: `bytes` is only its beginning when it is longer than {@link STREAM_LIMITS}`.whole`. */
export interface SeenMessage {
  readonly message: WireMessage;
  /** A copy; where messages are not kept, a view that is true until the next call of the stream. */
  readonly bytes: Uint8Array;
  /** The numbers of its frames in order, or that of the only one. */
  readonly frames: number | readonly number[];
  readonly issues: readonly Issue[];
  /** As it was on the wire, when `message` and `bytes` are what OP_COMPRESSED held. */
  readonly wire?: { readonly message: WireMessage; readonly bytes: Uint8Array };
}

export type StreamResult =
  | SeenMessage
  /** Nothing whole is there. */
  | 'more'
  /** What is there is no message; the rest of this segment is given up. */
  | Issue;

/** Messages up to `whole` bytes are read whole (no handshake has longer ones), of longer ones the first `start` bytes. */
const STREAM_LIMITS = { whole: 64 * 1024, start: 2 * 1024 } as const;

/** Bytes kept of what is no message: enough to see what else it is. */
const HEAD_BYTES = 64;
const NO_BYTES = new Uint8Array(0);

/** Most bytes that one compressed message is unpacked to. */
const UNPACKED_LIMIT = 256 * 1024;

/**
 * One direction of an observed conversation: cuts it into messages, and finds its feet again after a gap. Messages are read where they
 * arrived; only what is cut by the end of a segment waits for the rest.
 */
export class ObservedStream {
  readonly #buffer = new StreamBuffer(STREAM_LIMITS.whole + 256 * 1024);
  /** Bytes of a long message still to pass by. */
  #skip = 0;
  /** The place of the next header is not known: segments are searched for one. */
  #lost = false;
  /** How the last bytes begin that were no message. */
  badHead: Uint8Array = NO_BYTES;

  /** @param keep messages are copied, for whoever reads them later. */
  constructor(private readonly keep: boolean) {}

  /** Takes a segment. Call {@link next} until it gives `more` before the bytes are overwritten. */
  append(bytes: Uint8Array, mark: Mark): void {
    let rest = bytes;
    if (this.#skip > 0) {
      const passed = Math.min(this.#skip, rest.length);
      this.#skip -= passed;
      rest = rest.subarray(passed);
    }
    if (rest.length === 0) return;
    if (this.#lost) {
      const at = findHeader(rest);
      if (at < 0) return;
      rest = rest.subarray(at);
      this.#lost = false;
    }
    this.#buffer.lend(rest, mark);
  }

  /** @returns whether anything readable was lost: a gap inside a long message costs nothing. */
  handleGap(length: number): boolean {
    if (this.#skip >= length && this.#buffer.length === 0) {
      this.#skip -= length;
      return false;
    }
    this.#skip = 0;
    this.#buffer.skipGap(length);
    this.#lost = true;
    return true;
  }

  next(): StreamResult {
    const buffer = this.#buffer;
    if (buffer.length < HEADER_BYTES) return this.#wait();
    const view = buffer.view();
    const result = parseHeader(view);
    if (result.kind === 'more') return this.#wait();
    if (result.kind === 'bad') {
      this.badHead = view.slice(0, HEAD_BYTES);
      buffer.consume(buffer.length);
      this.#lost = true;
      return result.issue;
    }
    const { messageLength } = result.header;
    const wanted = messageLength <= STREAM_LIMITS.whole ? messageLength : STREAM_LIMITS.start;
    if (view.length < wanted) return this.#wait();
    const available = Math.min(view.length, messageLength);
    const bytes = this.keep ? keptCopyOf(view, wanted) : beginning(view, wanted);
    const frames = buffer.frameOrFrames(available);
    buffer.consume(available);
    this.#skip = messageLength - available;
    const { value, issues } = parseMessage(bytes, result.header);
    if (value.kind === 'compressed' && wanted === messageLength) {
      const inner = unpack(value, bytes, UNPACKED_LIMIT);
      if ('code' in inner) return { message: value, bytes, frames, issues: [...issues, inner] };
      return { ...inner, frames, wire: { message: value, bytes } };
    }
    // That a long message was not read to its end is our choice, not damage.
    return { message: value, bytes, frames, issues: wanted < messageLength ? NO_ISSUES : issues };
  }

  #wait(): 'more' {
    this.#buffer.keep();
    return 'more';
  }
}

/** The first `length` bytes. */
function beginning(bytes: Uint8Array, length: number): Uint8Array {
  return length === bytes.length ? bytes : bytes.subarray(0, length);
}

/** Offset of the first header in a segment, or -1. */
function findHeader(bytes: Uint8Array): number {
  for (let at = 0; at + HEADER_BYTES <= bytes.length; at++) {
    // Operation codes have two bytes of four.
    if ((bytes[at + 14] | bytes[at + 15]) === 0 && parseHeader(bytes, at).kind === 'header') return at;
  }
  return -1;
}
