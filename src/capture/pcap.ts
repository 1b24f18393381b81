import { type PcapLayout, pcapLengths } from './format';
import type { CaptureOutput, RecordParser } from './record-parser';
import { u16, u32, u32be, u32le } from './words';

const FILE_HEADER_LENGTH = 24;

/**
 * Largest packet accepted, bytes: 256 KiB, libpcap's MAXIMUM_SNAPLEN. A larger length is a damaged header; a classic file
 * has nothing by which the next record could be found, so reading ends there.
 */
export const MAX_PACKET_LENGTH = 262_144;

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
    at = this.#little
      ? this.#records(buffer, at, end, fileOffset - start, u32le)
      : this.#records(buffer, at, end, fileOffset - start, u32be);
    if (final && !this.stopped && at < end) this.#reportCutPacket(buffer, at, end, fileOffset + at - start);
    return at;
  }

  /** @param base file offset of `buffer[0]`. @param word reads 32 bits in the file's byte order. */
  #records(
    buffer: Uint8Array,
    start: number,
    end: number,
    base: number,
    word: (bytes: Uint8Array, at: number) => number,
  ): number {
    const output = this.#output;
    const { view, sink } = output;
    const headerLength = this.#headerLength;
    const fraction = this.#fraction;
    let at = start;
    view.buffer = buffer;
    view.linkType = this.#linkType;
    while (end - at >= headerLength) {
      let captured = word(buffer, at + 8);
      let original = word(buffer, at + 12);
      if (this.#minorVersion < 4) {
        [captured, original] = pcapLengths(buffer, at + 8, this.#little, this.#minorVersion);
      }
      if (captured > MAX_PACKET_LENGTH) {
        this.#reportDamage(captured, base + at);
        return at;
      }
      const next = at + headerLength + captured;
      if (next > end) {
        this.need = headerLength + captured;
        return at;
      }
      let seconds = word(buffer, at);
      let nanos = word(buffer, at + 4) * fraction;
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

  #reportDamage(captured: number, offset: number): void {
    this.stopped = true;
    this.#output.report(
      'PCAP_BAD_RECORD',
      `The record after packet ${this.#output.packets} claims ${captured} bytes; at most ${MAX_PACKET_LENGTH} are possible. ` +
        'What follows it cannot be read.',
      offset,
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
