import { keptCopyOf } from '../../base/arena';
import type { Issue } from '../../base/issue';
import type { Mark } from '../../base/mark';
import { StreamBuffer } from '../../base/stream-buffer';
import { unpack } from '../wire/compression';
import { HEADER_BYTES } from '../wire/opcodes';
import { parseHeader, parseMessage, type WireMessage } from '../wire/wire';

/** A message as it was seen: `bytes` is only its beginning when it is longer than {@link STREAM_LIMITS}`.whole`. */
export interface SeenMessage {
  readonly message: WireMessage;
  /** A copy. */
  readonly bytes: Uint8Array;
  readonly frames: readonly number[];
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
export const STREAM_LIMITS = { whole: 64 * 1024, start: 2 * 1024 } as const;

/** Most bytes that one compressed message is unpacked to. */
const UNPACKED_LIMIT = 256 * 1024;

/** One direction of an observed conversation: cuts it into messages, and finds its feet again after a gap. */
export class ObservedStream {
  readonly #buffer = new StreamBuffer(STREAM_LIMITS.whole + 256 * 1024);
  /** Bytes of a long message still to pass by. */
  #skip = 0;
  /** The place of the next header is not known: segments are searched for one. */
  #lost = false;

  /** @param midStream the beginning of the conversation was not seen. */
  setLost(midStream: boolean): void {
    this.#lost = midStream;
  }

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
    this.#buffer.append(rest, mark);
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
    const view = this.#buffer.view();
    const result = parseHeader(view);
    if (result.kind === 'more') return 'more';
    if (result.kind === 'bad') {
      this.#buffer.consume(this.#buffer.length);
      this.#lost = true;
      return result.issue;
    }
    const { messageLength } = result.header;
    const wanted = messageLength <= STREAM_LIMITS.whole ? messageLength : STREAM_LIMITS.start;
    if (view.length < wanted) return 'more';
    const available = Math.min(view.length, messageLength);
    const bytes = keptCopyOf(view, wanted);
    const frames = this.#buffer.frames(available);
    this.#buffer.consume(available);
    this.#skip = messageLength - available;
    const { value, issues } = parseMessage(bytes, result.header);
    if (value.kind === 'compressed' && wanted === messageLength) {
      const inner = unpack(value, bytes, UNPACKED_LIMIT);
      if ('code' in inner) return { message: value, bytes, frames, issues: [...issues, inner] };
      return { ...inner, frames, wire: { message: value, bytes } };
    }
    // That a long message was not read to its end is our choice, not damage.
    return { message: value, bytes, frames, issues: wanted < messageLength ? [] : issues };
  }

  /** Unread bytes at the end: the beginning of a message that was never completed. */
  get unread(): number {
    return this.#buffer.length >= HEADER_BYTES ? this.#buffer.length : 0;
  }
}

/** Offset of the first header in a segment, or -1. */
function findHeader(bytes: Uint8Array): number {
  for (let at = 0; at + HEADER_BYTES <= bytes.length; at++) {
    // Operation codes have two bytes of four.
    if ((bytes[at + 14] | bytes[at + 15]) === 0 && parseHeader(bytes, at).kind === 'header') return at;
  }
  return -1;
}
