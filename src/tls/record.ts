import { type Issue, issue } from '../base/issue';
import type { Mark } from '../base/mark';
import { StreamBuffer } from '../base/stream-buffer';
import { CONTENT_TYPE } from './names';

export const RECORD_HEADER = 5;

/** 2^14 of content, and 2,048 more than that may come of protection in TLS 1.2 (RFC 5246 section 6.2.3). */
export const MAX_RECORD = (1 << 14) + 2048;

/** One record, which lasts until the reader's next call. */
export interface TlsRecord {
  readonly type: number;
  readonly version: number;
  /** The five header bytes, authenticated by TLS 1.3. */
  readonly header: Uint8Array;
  /** A view. */
  readonly payload: Uint8Array;
  /** Of the payload, in bytes. */
  readonly length: number;
  /** When its last byte came. */
  readonly mark: Mark;
  /** Frames that carried bytes `start` to `end` of the payload; the whole record with its header when both are absent. A number is the only one. */
  readonly frames: (start?: number, end?: number) => number | readonly number[];
}

const NOTHING = new Uint8Array(0);

/** Cuts one direction of a connection into TLS records. */
export class RecordReader {
  /** What made the stream unreadable as TLS; nothing is read after it. */
  broken: Issue | null = null;
  /** The bytes that {@link broken} is about, at most 64. */
  brokenBytes: Uint8Array = NOTHING;
  /** Whether bytes are missing, so that neither sequence numbers nor message boundaries are known any more. */
  lost = false;
  readonly #buffer = new StreamBuffer(2 * (MAX_RECORD + RECORD_HEADER) + (1 << 16));
  readonly #record = new BufferedRecord(this.#buffer);
  #searching = false;
  #consumed = 0;

  /** Takes bytes, which must not change until {@link next} gives nothing; call it until then before appending again. */
  append(bytes: Uint8Array, mark: Mark): void {
    if (this.broken) return;
    // After a gap only the start of a segment is a place where a record may begin.
    if (this.#searching) {
      if (!looksLikeRecord(bytes, 0, bytes.length)) return;
      this.#searching = false;
    }
    this.#buffer.lend(bytes, mark);
  }

  handleGap(length: number): void {
    this.#release();
    this.#buffer.skipGap(length);
    this.lost = true;
    this.#searching = true;
  }

  /** The next whole record, if there is one. */
  next(): TlsRecord | undefined {
    const record = this.#read();
    if (record === undefined) this.#buffer.keep();
    return record;
  }

  #read(): TlsRecord | undefined {
    this.#release();
    if (this.broken) return undefined;
    const { bytes, start, end, length } = this.#buffer;
    if (length === 0) return undefined;
    if (!looksLikeRecord(bytes, start, end)) return this.#break(this.#buffer.view());
    if (length < RECORD_HEADER) return undefined;
    const total = RECORD_HEADER + ((bytes[start + 3] << 8) | bytes[start + 4]);
    if (length < total) return undefined;
    this.#consumed = total;
    this.#record.begin(total);
    return this.#record;
  }

  /** Frames of what could not be read as a record. */
  get brokenFrames(): number[] {
    return this.#buffer.frames(1);
  }

  #break(bytes: Uint8Array): undefined {
    if (this.lost) {
      // The resynchronization was a coincidence: search on.
      this.#buffer.consume(bytes.length);
      this.#searching = true;
      return undefined;
    }
    this.brokenBytes = bytes.slice(0, 64);
    this.broken = issue('TLS_NOT_TLS', 'the bytes are not a TLS record', this.#buffer.offset);
    return undefined;
  }

  #release(): void {
    this.#buffer.consume(this.#consumed);
    this.#consumed = 0;
  }
}

/** The record at the beginning of the unread bytes: always the same object. */
class BufferedRecord implements TlsRecord {
  type = 0;
  version = 0;
  length = 0;
  #payload: Uint8Array | undefined;

  constructor(private readonly buffer: StreamBuffer) {}

  /** @param total its length with the header. */
  begin(total: number): void {
    const { bytes, start } = this.buffer;
    this.type = bytes[start];
    this.version = (bytes[start + 1] << 8) | bytes[start + 2];
    this.length = total - RECORD_HEADER;
    this.#payload = undefined;
  }

  get header(): Uint8Array {
    const { bytes, start } = this.buffer;
    return bytes.subarray(start, start + RECORD_HEADER);
  }

  get payload(): Uint8Array {
    const { bytes, start } = this.buffer;
    this.#payload ??= bytes.subarray(start + RECORD_HEADER, start + RECORD_HEADER + this.length);
    return this.#payload;
  }

  get mark(): Mark {
    return this.buffer.markAt(RECORD_HEADER + this.length - 1) as Mark;
  }

  frames(from = -RECORD_HEADER, to = this.length): number | readonly number[] {
    const whole = this.buffer.frameOrFrames(RECORD_HEADER + to);
    if (from < 0 || (typeof whole === 'number' && to > from)) return whole;
    return framesBetween(this.buffer, RECORD_HEADER + from, RECORD_HEADER + to);
  }
}

/** Whether the bytes there are (up to a header's) could start a record. */
function looksLikeRecord(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length > 0 && (bytes[start] < CONTENT_TYPE.changeCipherSpec || bytes[start] > 24)) return false;
  if (length > 1 && bytes[start + 1] !== 3) return false;
  if (length > 2 && bytes[start + 2] > 4) return false;
  return length < RECORD_HEADER || ((bytes[start + 3] << 8) | bytes[start + 4]) <= MAX_RECORD;
}

/** Frames of unread bytes `start` to `end`: those of the prefix, from the one that carried byte `start`. */
function framesBetween(buffer: StreamBuffer, start: number, end: number): number[] {
  if (end <= start) return [];
  const first = buffer.markAt(start);
  const frames = buffer.frames(end);
  const from = first === undefined ? -1 : frames.lastIndexOf(first.frame);
  return from < 0 ? frames : frames.slice(from);
}
