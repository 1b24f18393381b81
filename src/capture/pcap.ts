import { type PcapLayout, pcapLengths } from './format';
import type { CaptureOutput, RecordParser } from './record-parser';
import { u16, u32 } from './words';

const FILE_HEADER_LENGTH = 24;

/** Largest packet accepted, bytes: 256 KiB, libpcap's MAXIMUM_SNAPLEN. A larger length is a damaged header. */
export const MAX_PACKET_LENGTH = 262_144;

/** Record headers, each where the one before says, that a search after damage wants to see before it believes in them. */
const CHAIN = 3;
/** Times of packets after damage are this close to those before it, seconds. */
const MAX_TIME_JUMP = 7 * 86_400;

/** Classic capture files (draft-ietf-opsawg-pcap), all variants of {@link PcapLayout}. */
export class PcapParser implements RecordParser {
  need = FILE_HEADER_LENGTH;
  stopped = false;
  readonly #output: CaptureOutput;
  readonly #little: boolean;
  readonly #headerLength: number;
  /** Nanoseconds in one unit of a timestamp's fraction. */
  readonly #fraction: number;
  #headerRead = false;
  #linkType = 0;
  #minorVersion = 4;
  /** File offset of a damaged record while the next good one is searched for, else -1. */
  #damagedAt = -1;
  /** The length that the damaged record claims. */
  #claim = 0;
  /** Time of the last packet, which those after damage are compared with; -1 before the first. */
  #lastSeconds = -1;

  constructor(output: CaptureOutput, layout: PcapLayout) {
    this.#output = output;
    this.#little = layout.littleEndian;
    this.#headerLength = layout.recordHeaderLength;
    this.#fraction = layout.nanoseconds ? 1 : 1000;
  }

  parse(buffer: Uint8Array, start: number, end: number, fileOffset: number, final: boolean): number {
    let at = start;
    if (!this.#headerRead) {
      if (end - at < FILE_HEADER_LENGTH) {
        if (final) this.#reportCutHeader(end - at);
        return at;
      }
      this.#readFileHeader(buffer, at);
      at += FILE_HEADER_LENGTH;
    }
    const base = fileOffset - start;
    for (;;) {
      if (this.#damagedAt < 0) at = this.#records(buffer, at, end, base);
      if (this.#damagedAt < 0) break;
      at = this.#search(buffer, at, end, base, final);
      if (this.#damagedAt >= 0) break;
    }
    if (final && this.#damagedAt >= 0) this.#reportDamage();
    else if (final && at < end) this.#reportCutPacket(buffer, at, end, fileOffset + at - start);
    return at;
  }

  /** @param base file offset of `buffer[0]`. */
  #records(buffer: Uint8Array, start: number, end: number, base: number): number {
    const output = this.#output;
    const { view, sink } = output;
    const little = this.#little;
    const headerLength = this.#headerLength;
    const fraction = this.#fraction;
    const old = this.#minorVersion < 4;
    // One load for a word, wherever it lies.
    const words = new DataView(buffer.buffer, buffer.byteOffset, end);
    let at = start;
    view.buffer = buffer;
    view.linkType = this.#linkType;
    while (end - at >= headerLength) {
      let captured = words.getUint32(at + 8, little);
      let original = words.getUint32(at + 12, little);
      if (old) {
        [captured, original] = pcapLengths(buffer, at + 8, this.#little, this.#minorVersion);
      }
      if (captured > MAX_PACKET_LENGTH) {
        this.#damagedAt = base + at;
        this.#claim = captured;
        this.#lastSeconds = output.packets > 0 ? view.seconds : -1;
        return at + 1;
      }
      const next = at + headerLength + captured;
      if (next > end) {
        this.need = headerLength + captured;
        return at;
      }
      let seconds = words.getUint32(at, little);
      let nanos = words.getUint32(at + 4, little) * fraction;
      if (nanos > 999_999_999) {
        seconds += Math.floor(nanos / 1e9);
        nanos %= 1e9;
      }
      view.frame = ++output.frames;
      output.packets++;
      view.seconds = seconds;
      view.nanos = nanos;
      view.start = at + headerLength;
      view.end = next;
      view.originalLength = original;
      view.fileOffset = base + at;
      sink.handlePacket(view);
      at = next;
    }
    this.need = headerLength;
    return at;
  }

  /**
   * Looks for the next record after damage, from `start` on. @returns where it begins, and {@link #damagedAt} is reset; or where to
   * search on.
   */
  #search(buffer: Uint8Array, start: number, end: number, base: number, final: boolean): number {
    for (let at = start; at < end; at++) {
      let next = at;
      let links = 0;
      while (links < CHAIN && end - next >= this.#headerLength) {
        const length = this.#plausibleLength(buffer, next);
        if (length < 0) break;
        next += this.#headerLength + length;
        links++;
      }
      const undecided = links < CHAIN && (next > end || end - next < this.#headerLength);
      if (undecided && !final) {
        this.need = next - at + this.#headerLength;
        return at;
      }
      // At the end of the file fewer will do, if the last one ends with it.
      if (links < CHAIN && !(final && links > 0 && next === end)) continue;
      this.#reportFound(base + at);
      return at;
    }
    this.need = this.#headerLength;
    return end;
  }

  /** Length of the packet if a record can begin here, else -1. */
  #plausibleLength(buffer: Uint8Array, at: number): number {
    const little = this.#little;
    const captured = u32(buffer, at + 8, little);
    const original = u32(buffer, at + 12, little);
    if (captured === 0 || captured > MAX_PACKET_LENGTH || original < captured) return -1;
    if (original > 16 * MAX_PACKET_LENGTH || u32(buffer, at + 4, little) * this.#fraction > 999_999_999)
      return -1;
    const jump = Math.abs(u32(buffer, at, little) - this.#lastSeconds);
    return this.#lastSeconds >= 0 && jump > MAX_TIME_JUMP ? -1 : captured;
  }

  #reportFound(offset: number): void {
    const message =
      `The record after packet ${this.#output.packets} is damaged; ${offset - this.#damagedAt} bytes were skipped ` +
      `and reading went on at offset ${offset}.`;
    this.#output.report('PCAP_BAD_RECORD', message, this.#damagedAt);
    this.#damagedAt = -1;
  }

  #readFileHeader(buffer: Uint8Array, at: number): void {
    const major = u16(buffer, at + 4, this.#little);
    this.#minorVersion = u16(buffer, at + 6, this.#little);
    // The upper bits hold the length of a frame check sequence; see draft-ietf-opsawg-pcap section 4.
    this.#linkType = u32(buffer, at + 20, this.#little) & 0xffff;
    if (major !== 2) {
      this.#output.report('PCAP_VERSION', `File version ${major}.${this.#minorVersion}; 2.4 is known.`, 4);
      this.#minorVersion = 4;
    }
    this.#output.addLinkType(this.#linkType);
    this.#headerRead = true;
  }

  #reportCutHeader(length: number): void {
    this.stopped = true;
    this.#output.unreadable = true;
    this.#output.report(
      'CAPTURE_CUT_HEADER',
      `The file ends inside its header: ${length} of ${FILE_HEADER_LENGTH} bytes.`,
      length,
    );
  }

  #reportDamage(): void {
    this.stopped = true;
    this.#output.report(
      'PCAP_BAD_RECORD',
      `The record after packet ${this.#output.packets} claims ${this.#claim} bytes; at most ${MAX_PACKET_LENGTH} are possible. ` +
        'No other record was found behind it.',
      this.#damagedAt,
    );
  }

  #reportCutPacket(buffer: Uint8Array, at: number, end: number, offset: number): void {
    const present = end - at;
    const message =
      present < this.#headerLength
        ? `The file ends inside the record header of packet ${this.#output.frames + 1}.`
        : `The file ends inside packet ${this.#output.frames + 1}: ${present - this.#headerLength} of ` +
          `${u32(buffer, at + 8, this.#little)} bytes.`;
    this.stopped = true;
    this.#output.report('PCAP_CUT_PACKET', message, offset);
  }
}
