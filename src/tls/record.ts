import { type Issue, issue } from '../base/issue';
import type { Mark } from '../base/mark';
import { StreamBuffer } from '../base/stream-buffer';
import { CONTENT_TYPE } from './names';

export const RECORD_HEADER = 5;

/** 2^14 of content, and 2,048 more than that may come of protection in TLS 1.2 (RFC 5246 section 6.2.3). */
export const MAX_RECORD = (1 << 14) + 2048;

/** One record; `payload` is a view that lasts until the reader's next call. */
export interface TlsRecord {
  readonly type: number;
  readonly version: number;
  /** The five header bytes, authenticated by TLS 1.3. */
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
  /** When its last byte came. */
  readonly mark: Mark;
  /** Frames that carried bytes `start` to `end` of the payload; the whole record with its header when both are absent. */
  readonly frames: (start?: number, end?: number) => number[];
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
  #searching = false;
  #consumed = 0;

  /** Takes bytes, which must not change until {@link next} gives nothing; call it until then before appending again. */
  append(bytes: Uint8Array, mark: Mark): void {
    if (this.broken) return;
    // After a gap only the start of a segment is a place where a record may begin.
    if (this.#searching) {
      if (!looksLikeRecord(bytes)) return;
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
    const buffer = this.#buffer;
    const bytes = buffer.view();
    if (bytes.length === 0) return undefined;
    if (!looksLikeRecord(bytes)) return this.#break(bytes);
    if (bytes.length < RECORD_HEADER) return undefined;
    const end = RECORD_HEADER + ((bytes[3] << 8) | bytes[4]);
    if (bytes.length < end) return undefined;
    this.#consumed = end;
    return new BufferedRecord(bytes, end, buffer);
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

/** A record at the beginning of the unread bytes. */
class BufferedRecord implements TlsRecord {
  readonly type: number;
  readonly version: number;
  readonly payload: Uint8Array;
  readonly mark: Mark;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly end: number,
    private readonly buffer: StreamBuffer,
  ) {
    this.type = bytes[0];
    this.version = (bytes[1] << 8) | bytes[2];
    this.payload = bytes.subarray(RECORD_HEADER, end);
    this.mark = buffer.markAt(end - 1) as Mark;
  }

  get header(): Uint8Array {
    return this.bytes.subarray(0, RECORD_HEADER);
  }

  frames(from?: number, to?: number): number[] {
    const { buffer, end } = this;
    if (from === undefined) return buffer.frames(end);
    return framesBetween(buffer, RECORD_HEADER + from, to === undefined ? end : RECORD_HEADER + to);
  }
}

/** Whether the bytes there are (up to a header's) could start a record. */
function looksLikeRecord(bytes: Uint8Array): boolean {
  if (bytes.length > 0 && (bytes[0] < CONTENT_TYPE.changeCipherSpec || bytes[0] > 24)) return false;
  if (bytes.length > 1 && bytes[1] !== 3) return false;
  if (bytes.length > 2 && bytes[2] > 4) return false;
  return bytes.length < RECORD_HEADER || ((bytes[3] << 8) | bytes[4]) <= MAX_RECORD;
}

/** Frames of unread bytes `start` to `end`: those of the prefix, from the one that carried byte `start`. */
function framesBetween(buffer: StreamBuffer, start: number, end: number): number[] {
  if (end <= start) return [];
  const first = buffer.markAt(start);
  const frames = buffer.frames(end);
  const from = first === undefined ? -1 : frames.lastIndexOf(first.frame);
  return from < 0 ? frames : frames.slice(from);
}
