import { u16be } from '../capture/words';
import type { SegmentView } from './segment';

/** Largest IP packet. */
const MAX_PACKET = 65_535;
/** Packets put together at once; past it the oldest is given up. */
const MAX_PACKETS = 256;
/** Pieces of one packet: at the smallest usual MTU, 576, the largest has 119. */
const MAX_PIECES = 256;
/** An identification is used again after a while: RFC 791 and 8200 give up after 60 seconds. */
const MAX_SECONDS = 60;

interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Frames that carried it: several if it was put together itself. */
  readonly frames: readonly number[];
}

interface Partial {
  readonly startedAt: number;
  readonly pieces: Piece[];
  /** The header that goes before the whole: that of the piece at offset 0. */
  header: Uint8Array | null;
  /** Length of the whole payload, known from the last piece; else -1. */
  length: number;
}

/** Puts IP fragments together (RFC 791 section 3.2, RFC 8200 section 4.5). Where pieces overlap the first to come stays. */
export class FragmentTable {
  readonly #partial = new Map<string, Partial>();
  /** Fragments that were given up so far. */
  lost = 0;
  /** Frames of the packet that was put together last, in order of arrival. */
  frames: readonly number[] = [];

  /** Fragments that wait for others. */
  get waiting(): number {
    let count = 0;
    for (const partial of this.#partial.values()) count += partial.pieces.length;
    return count;
  }

  /**
   * Takes the fragment that the IP decoder has met.
   *
   * @param frames those that carried it.
   * @returns the whole IP packet, as if it had never been parted, with the piece that completes it.
   */
  add(segment: SegmentView, end: number, seconds: number, frames: readonly number[]): Uint8Array | undefined {
    const { buffer: bytes, fragmentAt: at, fragmentPayload: payloadAt, ipEnd } = segment;
    const ipv6 = segment.version === 6;
    const field = u16be(bytes, ipv6 ? payloadAt - 6 : at + 6);
    const offset = ipv6 ? field & 0xfff8 : (field & 0x1fff) * 8;
    const more = (ipv6 ? field & 1 : field & 0x2000) !== 0;
    const length = ipEnd - payloadAt;
    // A cut one cannot be put together; all but the last hold a multiple of eight bytes.
    if (ipEnd > end || length <= 0 || offset + length > MAX_PACKET || (more && length % 8 !== 0)) {
      this.lost++;
      return undefined;
    }
    const key = keyOf(bytes, at, payloadAt, ipv6);
    const partial = this.#partialFor(key, seconds);
    if (partial.pieces.length === MAX_PIECES) {
      this.#giveUp(key, partial);
      return undefined;
    }
    partial.pieces.push({ offset, bytes: bytes.slice(payloadAt, ipEnd), frames });
    if (offset === 0) partial.header ??= headerOf(bytes, at, payloadAt, ipv6);
    if (!more) partial.length = offset + length;
    const whole = assemble(partial);
    if (whole !== undefined) {
      this.#partial.delete(key);
      this.frames = partial.pieces.flatMap((piece) => piece.frames);
    }
    return whole;
  }

  #partialFor(key: string, seconds: number): Partial {
    let partial = this.#partial.get(key);
    if (partial !== undefined && Math.abs(seconds - partial.startedAt) > MAX_SECONDS) {
      this.#giveUp(key, partial);
      partial = undefined;
    }
    if (partial !== undefined) return partial;
    if (this.#partial.size === MAX_PACKETS) {
      const [oldest] = this.#partial;
      this.#giveUp(oldest[0], oldest[1]);
    }
    const started: Partial = { startedAt: seconds, pieces: [], header: null, length: -1 };
    this.#partial.set(key, started);
    return started;
  }

  #giveUp(key: string, partial: Partial): void {
    this.lost += partial.pieces.length;
    this.#partial.delete(key);
  }
}

/** Addresses, protocol and identification. */
function keyOf(bytes: Uint8Array, at: number, payloadAt: number, ipv6: boolean): string {
  const parts = ipv6
    ? [bytes.subarray(at + 8, at + 40), bytes.subarray(payloadAt - 4, payloadAt)]
    : [bytes.subarray(at + 12, at + 20), bytes.subarray(at + 4, at + 6), bytes.subarray(at + 9, at + 10)];
  return parts.map((part) => part.join('.')).join(' ');
}

/** The header without a trace of fragmentation; its length is filled in later. Extension headers before the fragment's are left out. */
function headerOf(bytes: Uint8Array, at: number, payloadAt: number, ipv6: boolean): Uint8Array {
  const header = bytes.slice(at, ipv6 ? at + 40 : payloadAt);
  if (ipv6) header[6] = bytes[payloadAt - 8];
  else header.fill(0, 6, 8);
  return header;
}

function assemble({ pieces, header, length }: Partial): Uint8Array | undefined {
  if (header === null || length < 0) return undefined;
  const sorted = [...pieces].sort((a, b) => a.offset - b.offset);
  let covered = 0;
  for (const piece of sorted) {
    if (piece.offset > covered) return undefined;
    covered = Math.max(covered, piece.offset + piece.bytes.length);
  }
  if (covered < length) return undefined;
  const whole = new Uint8Array(header.length + length);
  // In reverse order of arrival, so that the first to come is written last.
  for (const { offset, bytes } of [...pieces].reverse()) {
    if (offset < length) whole.set(bytes.subarray(0, length - offset), header.length + offset);
  }
  whole.set(header);
  const ipv6 = header[0] >>> 4 === 6;
  const total = ipv6 ? length : Math.min(whole.length, MAX_PACKET);
  const lengthAt = ipv6 ? 4 : 2;
  whole[lengthAt] = total >>> 8;
  whole[lengthAt + 1] = total & 0xff;
  return whole;
}
