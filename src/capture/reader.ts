import type { Issue } from '../base/issue';
import { describeContent, isMagicPrefix, pcapLayout, SECTION_HEADER } from './format';
import type { PacketSink } from './packet';
import { PcapParser } from './pcap';
import { PcapngParser } from './pcapng';
import { CaptureOutput, type RecordParser } from './record-parser';
import { u32be } from './words';

const MAGIC_LENGTH = 4;

/**
 * Reads a capture file, uncompressed, as its bytes arrive. How they are cut into chunks makes no difference to what the sink
 * is told. Packets are views into the chunk; only a record that spans two chunks is copied.
 */
export class CaptureReader {
  /** Bytes pushed so far. */
  bytes = 0;
  #format: 'pcap' | 'pcapng' | null = null;
  #parser: RecordParser | null = null;
  readonly #output: CaptureOutput;
  #stopped = false;
  /** The beginning of a record whose end has not arrived: `carry[carryStart, carryEnd)`. */
  #carry: Uint8Array = new Uint8Array(0);
  #carryStart = 0;
  #carryEnd = 0;

  constructor(sink: PacketSink) {
    this.#output = new CaptureOutput(sink);
  }

  get format(): 'pcap' | 'pcapng' | null {
    return this.#format;
  }

  /** Packets delivered to the sink. */
  get packets(): number {
    return this.#output.packets;
  }

  /** LINKTYPE_ values of the interfaces, each once, in order of appearance. */
  get linkTypes(): readonly number[] {
    return this.#output.linkTypes;
  }

  /** What was wrong, in file order; at most 101 entries. Offsets are those of the uncompressed file. */
  get issues(): readonly Issue[] {
    return this.#output.issues;
  }

  /** What the file says about itself, a sentence each: comments, names, packets lost. */
  get notes(): readonly string[] {
    return this.#parser instanceof PcapngParser ? this.#parser.notes.sentences() : [];
  }

  /** Nothing can be read: the file is empty, ends in its header, or is something else. The reason is in {@link issues}. */
  get notACapture(): boolean {
    return this.#output.unreadable;
  }

  /** The chunk must not change during the call; nothing keeps it afterwards. */
  push(chunk: Uint8Array): void {
    const chunkOffset = this.bytes;
    this.bytes += chunk.length;
    if (this.#stopped) return;
    // Node hands out Buffers. One class of array everywhere keeps the compiled code specialised.
    const input =
      chunk.constructor === Uint8Array
        ? chunk
        : new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = this.#completeCarry(input, chunkOffset);
    if (at < 0 || this.#stopped) return;
    at = this.#parse(input, at, input.length, chunkOffset + at, false);
    if (!this.#stopped) this.#append(input, at, input.length);
  }

  /** The file has ended. Call once. */
  finish(): void {
    const output = this.#output;
    if (this.#stopped) return;
    if (this.bytes === 0) {
      output.unreadable = true;
      output.report('CAPTURE_EMPTY', 'The file is empty.');
    } else if (this.#parser === null) {
      this.#rejectShort(this.#carry.subarray(this.#carryStart, this.#carryEnd));
    } else {
      const offset = this.bytes - (this.#carryEnd - this.#carryStart);
      this.#parse(this.#carry, this.#carryStart, this.#carryEnd, offset, true);
    }
    this.#stopped = true;
    this.#carry = new Uint8Array(0);
    this.#carryStart = 0;
    this.#carryEnd = 0;
  }

  /**
   * Finishes the record that the last chunk began.
   * @returns where to go on in `input`, or -1 if it is all in the carry.
   */
  #completeCarry(input: Uint8Array, chunkOffset: number): number {
    let at = 0;
    while (this.#carryEnd > this.#carryStart) {
      const wanted = (this.#parser?.need ?? MAGIC_LENGTH) - (this.#carryEnd - this.#carryStart);
      const taken = Math.min(wanted, input.length - at);
      this.#append(input, at, at + taken);
      at += taken;
      if (taken < wanted) return -1;
      const end = this.#carryEnd;
      const offset = chunkOffset + at - (end - this.#carryStart);
      this.#carryStart = this.#parse(this.#carry, this.#carryStart, end, offset, false);
      if (this.#stopped) return -1;
      const left = end - this.#carryStart;
      if (left <= at) {
        // What is left came from this chunk: go on in place.
        this.#carryStart = 0;
        this.#carryEnd = 0;
        return at - left;
      }
    }
    return at;
  }

  #parse(buffer: Uint8Array, start: number, end: number, offset: number, final: boolean): number {
    if (this.#parser === null) {
      if (end - start < MAGIC_LENGTH) return start;
      this.#choose(buffer, start);
    }
    const parser = this.#parser;
    if (parser === null) return start;
    const position = parser.parse(buffer, start, end, offset, final);
    if (parser.stopped) this.#stopped = true;
    return position;
  }

  #choose(buffer: Uint8Array, at: number): void {
    const layout = pcapLayout(buffer, at);
    if (layout !== undefined) {
      this.#format = 'pcap';
      this.#parser = new PcapParser(this.#output, layout);
    } else if (u32be(buffer, at) === SECTION_HEADER) {
      this.#format = 'pcapng';
      this.#parser = new PcapngParser(this.#output);
    } else {
      // Only these bytes, however many have arrived: the words must not depend on the chunks.
      this.#reject(buffer.subarray(at, at + MAGIC_LENGTH));
    }
  }

  #rejectShort(bytes: Uint8Array): void {
    if (!isMagicPrefix(bytes)) {
      this.#reject(bytes);
      return;
    }
    this.#output.unreadable = true;
    const message = `The file ends inside its header: it has ${bytes.length} bytes.`;
    this.#output.report('CAPTURE_CUT_HEADER', message, bytes.length);
  }

  #reject(bytes: Uint8Array): void {
    const seen = describeContent(bytes);
    const guess = seen === undefined ? '' : `; it looks like ${seen}`;
    this.#stopped = true;
    this.#output.unreadable = true;
    this.#output.report('NOT_A_CAPTURE', `The file is neither pcap nor pcapng${guess}.`, 0);
  }

  /** Adds `input[start, end)` to the carry. Bytes are moved or the array grown so rarely that the cost stays linear. */
  #append(input: Uint8Array, start: number, end: number): void {
    const held = this.#carryEnd - this.#carryStart;
    const length = held + end - start;
    if (this.#carryEnd + end - start > this.#carry.length) {
      const target =
        2 * length > this.#carry.length ? new Uint8Array(Math.max(4096, 2 * length)) : this.#carry;
      target.set(this.#carry.subarray(this.#carryStart, this.#carryEnd));
      this.#carry = target;
      this.#carryStart = 0;
    }
    if (end > start) this.#carry.set(input.subarray(start, end), this.#carryStart + held);
    this.#carryEnd = this.#carryStart + length;
  }
}
