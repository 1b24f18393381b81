import type { PacketView } from '../capture/packet';

/** Bytes of packets in a batch, unless one packet alone is larger. */
const BYTES = 512 << 10;
/** Packets in a batch. */
const PACKETS = 4096;
/** Words of a packet: frame, nanoseconds, link type, start, end, length on the wire, flow, ordinal. */
const WORDS = 8;
/** Doubles of a packet: seconds, offset in the file. */
const DOUBLES = 2;
/** Bytes between two packets that are copied along with them: cheaper than a copy of its own for each. */
const SMALL_GAP = 64;

/** Packets on their way to another thread: four pieces of memory that can be handed over. */
export interface PacketBatch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly words: Int32Array<ArrayBuffer>;
  readonly doubles: Float64Array<ArrayBuffer>;
  readonly count: number;
}

/**
 * Collects packets into a batch. Packets that lie behind each other in the reader's memory are copied together, and only when the run
 * ends: call {@link settle} before that memory changes.
 */
export class BatchWriter {
  #bytes = new Uint8Array(BYTES);
  #words = new Int32Array(PACKETS * WORDS);
  #doubles = new Float64Array(PACKETS * DOUBLES);
  #count = 0;
  /** Bytes taken, those of the run included. */
  #used = 0;
  /** The run not copied yet: `#source[#from, #to)`. */
  #source: Uint8Array = this.#bytes;
  #from = 0;
  #to = 0;

  /** Packets collected. */
  get count(): number {
    return this.#count;
  }

  /** Bytes collected. */
  get length(): number {
    return this.#used;
  }

  /** Whether there is room for this packet. */
  fits(packet: PacketView): boolean {
    if (this.#count === 0) return true;
    return this.#count < PACKETS && this.#used + SMALL_GAP + packet.end - packet.start <= this.#bytes.length;
  }

  /** Takes a packet that fits. `flow` and `ordinal` go along, see `SieveOutlet`. */
  add(packet: PacketView, flow: number, ordinal: number): void {
    const { start, end, buffer } = packet;
    const gap = start - this.#to;
    if (buffer === this.#source && gap >= 0 && gap <= SMALL_GAP && this.#to > this.#from) {
      this.#used += gap;
    } else {
      this.settle();
      if (this.#used + end - start > this.#bytes.length) this.#bytes = new Uint8Array(end - start);
      this.#source = buffer;
      this.#from = start;
    }
    this.#to = end;
    const word = this.#count * WORDS;
    const words = this.#words;
    words[word] = packet.frame;
    words[word + 1] = packet.nanos;
    words[word + 2] = packet.linkType;
    words[word + 3] = this.#used;
    this.#used += end - start;
    words[word + 4] = this.#used;
    words[word + 5] = packet.originalLength;
    words[word + 6] = flow;
    words[word + 7] = ordinal;
    this.#doubles[this.#count * DOUBLES] = packet.seconds;
    this.#doubles[this.#count * DOUBLES + 1] = packet.fileOffset;
    this.#count++;
  }

  /** Copies what is still in the reader's memory. */
  settle(): void {
    const length = this.#to - this.#from;
    if (length > 0) this.#bytes.set(this.#source.subarray(this.#from, this.#to), this.#used - length);
    this.#source = this.#bytes;
    this.#from = 0;
    this.#to = 0;
  }

  /** Gives what was collected and goes on in the memory of a batch that was read, if there is one. */
  take(spare?: PacketBatch): PacketBatch {
    this.settle();
    const batch = { bytes: this.#bytes, words: this.#words, doubles: this.#doubles, count: this.#count };
    this.#bytes = spare?.bytes ?? new Uint8Array(BYTES);
    this.#words = spare?.words ?? new Int32Array(PACKETS * WORDS);
    this.#doubles = spare?.doubles ?? new Float64Array(PACKETS * DOUBLES);
    this.#source = this.#bytes;
    this.#count = 0;
    this.#used = 0;
    return batch;
  }
}

/**
 * Shows each packet of a batch through one reused view.
 * @param take is also given the packet's flow and ordinal.
 */
export function readBatch(
  batch: PacketBatch,
  view: PacketView,
  take: (packet: PacketView, flow: number, ordinal: number) => void,
): void {
  const { bytes, words, doubles, count } = batch;
  view.buffer = bytes;
  for (let i = 0; i < count; i++) {
    const word = i * WORDS;
    view.frame = words[word] >>> 0;
    view.nanos = words[word + 1];
    view.linkType = words[word + 2];
    view.start = words[word + 3];
    view.end = words[word + 4];
    view.originalLength = words[word + 5] >>> 0;
    view.seconds = doubles[i * DOUBLES];
    view.fileOffset = doubles[i * DOUBLES + 1];
    take(view, words[word + 6], words[word + 7] >>> 0);
  }
}
