import { SECTION_HEADER } from './format';
import {
  DECRYPTION_SECRETS,
  ENHANCED_OVERHEAD,
  ENHANCED_PACKET,
  INTERFACE_DESCRIPTION,
  INTERFACE_STATISTICS,
  KNOWN_TYPES,
  MAX_BLOCK_LENGTH,
  MIN_BLOCK_LENGTH,
  MIN_LENGTH,
  NAME_RESOLUTION,
  NUMBERED_WITHOUT_PACKET,
  OBSOLETE_PACKET,
  SIMPLE_PACKET,
} from './pcapng-blocks';
import { eachOption, PcapngNotes } from './pcapng-notes';
import { DEFAULT_RESOLUTION, TimestampUnit } from './pcapng-time';
import type { CaptureOutput, RecordParser } from './record-parser';
import { u16, u32, u32be, u32le } from './words';

/** Longest block that a search after damage believes in. */
const MAX_RESUME_LENGTH = 1 << 19;
/** Interfaces kept per section. */
const MAX_INTERFACES = 65_536;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Secrets type of an NSS key log, "TLSK". */
const TLS_KEY_LOG = 0x544c534b;
const OPTION_TSRESOL = 9;
const OPTION_TSOFFSET = 14;

interface CaptureInterface {
  readonly linkType: number;
  /** Largest number of bytes kept of a packet; 0 is no limit. */
  readonly snapLength: number;
  readonly unit: TimestampUnit;
}

/**
 * pcapng files: several sections, both byte orders. A damaged block is reported and the next one searched for; a block whose
 * type is not known is passed over.
 */
export class PcapngParser implements RecordParser {
  need = MIN_BLOCK_LENGTH;
  stopped = false;
  /** What the file says about itself. */
  readonly notes = new PcapngNotes();
  readonly #output: CaptureOutput;
  #little = true;
  #sections = 0;
  #interfaces: CaptureInterface[] = [];
  /** File offset of a damaged block while the next good one is searched for, else -1. */
  #damagedAt = -1;
  /** The damage is no more than the file's end, unless a good block is found before it. */
  #cut = false;

  constructor(output: CaptureOutput) {
    this.#output = output;
  }

  parse(buffer: Uint8Array, start: number, end: number, fileOffset: number, final: boolean): number {
    const base = fileOffset - start;
    this.#output.view.buffer = buffer;
    let at = start;
    while (at < end && !this.stopped) {
      if (this.#damagedAt < 0) at = this.#ordinaryPackets(buffer, at, end, base);
      if (at >= end) break;
      const next =
        this.#damagedAt < 0
          ? this.#block(buffer, at, end, base, final)
          : this.#search(buffer, at, end, base, final);
      if (next < 0) return at;
      at = next;
    }
    if (at >= end) this.need = MIN_BLOCK_LENGTH;
    if (final && this.#damagedAt >= 0) this.#reportNothingFound(base + at);
    return at;
  }

  /**
   * Delivers the packets at `start` while there is nothing to say about them: whole enhanced packet blocks of known interfaces, their
   * lengths in agreement. What comes then, be it damage, is left to {@link #block}. @returns where it begins.
   */
  #ordinaryPackets(buffer: Uint8Array, start: number, end: number, base: number): number {
    const output = this.#output;
    const { view, sink } = output;
    const little = this.#little;
    if (end - start < ENHANCED_OVERHEAD || u32(buffer, start, little) !== ENHANCED_PACKET) return start;
    const interfaces = this.#interfaces;
    const words = new DataView(buffer.buffer, buffer.byteOffset, end);
    let at = start;
    while (end - at >= ENHANCED_OVERHEAD && words.getUint32(at, little) === ENHANCED_PACKET) {
      const length = words.getUint32(at + 4, little);
      const captured = words.getUint32(at + 20, little);
      // Lengths are below 2^32, so nothing here overflows.
      if (length > end - at || length > MAX_BLOCK_LENGTH || captured > length - ENHANCED_OVERHEAD) break;
      if (length % 4 !== 0 || words.getUint32(at + length - 4, little) !== length) break;
      const source = interfaces[words.getUint32(at + 8, little)];
      if (source === undefined) break;
      const { unit } = source;
      unit.convert(words.getUint32(at + 12, little), words.getUint32(at + 16, little));
      view.frame = ++output.frames;
      output.packets++;
      view.seconds = unit.seconds;
      view.nanos = unit.nanos;
      view.linkType = source.linkType;
      view.start = at + 28;
      view.end = at + 28 + captured;
      view.originalLength = words.getUint32(at + 24, little);
      view.fileOffset = base + at;
      sink.handlePacket(view);
      const options = at + 28 + ((captured + 3) & ~3);
      at += length;
      if (options < at - 4) this.notes.addPacketComments(output.frames, buffer, options, at - 4, little);
    }
    return at;
  }

  /** Reads the block at `at`. @returns where the next one begins, or -1 when `need` bytes are not there yet. */
  #block(buffer: Uint8Array, at: number, end: number, base: number, final: boolean): number {
    const left = end - at;
    if (left < MIN_BLOCK_LENGTH) return this.#wait(MIN_BLOCK_LENGTH, at, base, final);
    const type = u32(buffer, at, this.#little);
    if (type === SECTION_HEADER || this.#sections === 0) {
      const order = u32be(buffer, at + 8);
      const little = order === 0x4d3c2b1a;
      if (!little && order !== BYTE_ORDER_MAGIC) return this.#badSection(at, base);
      this.#little = little;
    }
    const little = this.#little;
    const length = (u32(buffer, at + 4, little) + 3) & ~3;
    const least = type === ENHANCED_PACKET ? ENHANCED_OVERHEAD : (MIN_LENGTH.get(type) ?? MIN_BLOCK_LENGTH);
    if (length < least || length > MAX_BLOCK_LENGTH) return this.#damage(at, base);
    if (left < length) return this.#wait(length, at, base, final);
    if ((u32(buffer, at + length - 4, little) + 3) >>> 2 !== length >>> 2) {
      // The two lengths differ: believe the first one only if it leads to another block.
      const after = left - length;
      if (after < MIN_BLOCK_LENGTH && !(final && after === 0)) {
        if (!final) return this.#wait(length + MIN_BLOCK_LENGTH, at, base, final);
        return this.#damage(at, base);
      }
      if (after > 0 && !this.#plausible(buffer, at + length)) return this.#damage(at, base);
      this.#output.report('PCAPNG_BAD_TRAILER', 'The two lengths of a block differ.', base + at);
    }
    if (type === ENHANCED_PACKET) this.#enhancedPacket(buffer, at, length, base);
    else this.#otherBlock(type, buffer, at, length, base);
    return at + length;
  }

  #otherBlock(type: number, buffer: Uint8Array, at: number, length: number, base: number): void {
    if (type === SECTION_HEADER) this.#sectionHeader(buffer, at, length, base);
    else if (type === INTERFACE_DESCRIPTION) this.#interface(buffer, at, length, base);
    else if (type === SIMPLE_PACKET) this.#simplePacket(buffer, at, length, base);
    else if (type === OBSOLETE_PACKET) this.#obsoletePacket(buffer, at, length, base);
    else if (type === DECRYPTION_SECRETS) this.#secrets(buffer, at, length, base);
    else if (type === NAME_RESOLUTION) this.notes.addNames(buffer, at + 8, at + length - 4, this.#little);
    else if (type === INTERFACE_STATISTICS)
      this.notes.addStatistics(buffer, at + 20, at + length - 4, this.#little);
    else if (NUMBERED_WITHOUT_PACKET.has(type)) this.#output.frames++;
  }

  /** More bytes are needed. At the end of the file: look whether a wrong length hides good blocks. */
  #wait(bytes: number, at: number, base: number, final: boolean): number {
    if (!final) {
      this.need = bytes;
      return -1;
    }
    if (this.#sections === 0) return this.#cutHeader(base + at);
    this.#cut = true;
    this.#damagedAt = base + at;
    return at + 1;
  }

  #damage(at: number, base: number): number {
    // A first section header with a wrong length still told the byte order.
    if (this.#sections === 0) this.#sections = 1;
    this.#damagedAt = base + at;
    return at + 1;
  }

  #badSection(at: number, base: number): number {
    if (this.#sections > 0) return this.#damage(at, base);
    this.stopped = true;
    this.#output.unreadable = true;
    const message = 'The file begins as pcapng does, but its byte-order magic is wrong.';
    this.#output.report('NOT_A_CAPTURE', message, base + at + 8);
    return at;
  }

  #cutHeader(offset: number): number {
    this.stopped = true;
    this.#output.unreadable = true;
    this.#output.report(
      'CAPTURE_CUT_HEADER',
      'The section header is damaged, or the file ends inside it.',
      offset,
    );
    return -1;
  }

  /** Looks for a good block from `at` on. @returns as {@link #block}. */
  #search(buffer: Uint8Array, start: number, end: number, base: number, final: boolean): number {
    for (let at = start; at < end; at++) {
      const left = end - at;
      if (left < MIN_BLOCK_LENGTH) {
        if (final) break;
        if (at > start) return at;
        this.need = MIN_BLOCK_LENGTH;
        return -1;
      }
      if (!this.#plausible(buffer, at)) continue;
      const little = this.#orderAt(buffer, at);
      const length = u32(buffer, at + 4, little);
      if (length > left) {
        if (final) continue;
        if (at > start) return at;
        this.need = length;
        return -1;
      }
      if (u32(buffer, at + length - 4, little) !== length) continue;
      this.#reportFound(base + at);
      return at;
    }
    return end;
  }

  /** Whether a known type with a possible length begins here; twelve bytes are there. */
  #plausible(buffer: Uint8Array, at: number): boolean {
    const type = u32(buffer, at, this.#little);
    if (!KNOWN_TYPES.has(type)) return false;
    const length = u32(buffer, at + 4, this.#orderAt(buffer, at));
    return (
      length % 4 === 0 && length >= (MIN_LENGTH.get(type) ?? MIN_BLOCK_LENGTH) && length <= MAX_RESUME_LENGTH
    );
  }

  #orderAt(buffer: Uint8Array, at: number): boolean {
    if (u32be(buffer, at) !== SECTION_HEADER) return this.#little;
    return u32le(buffer, at + 8) === BYTE_ORDER_MAGIC;
  }

  #reportFound(offset: number): void {
    const skipped = offset - this.#damagedAt;
    const message = `A block is damaged; ${skipped} bytes were skipped and reading went on at offset ${offset}.`;
    this.#output.report('PCAPNG_BAD_BLOCK', message, this.#damagedAt);
    this.#damagedAt = -1;
    this.#cut = false;
  }

  #reportNothingFound(end: number): void {
    const rest = end - this.#damagedAt;
    if (this.#cut) {
      const message = `The file ends inside a block, ${rest} bytes after its beginning.`;
      this.#output.report('PCAPNG_CUT_BLOCK', message, this.#damagedAt);
    } else {
      const message = `A block is damaged and no other follows; the last ${rest} bytes were not read.`;
      this.#output.report('PCAPNG_BAD_BLOCK', message, this.#damagedAt);
    }
    this.#damagedAt = -1;
  }

  #sectionHeader(buffer: Uint8Array, at: number, length: number, base: number): void {
    this.#sections++;
    this.#interfaces = [];
    this.notes.addComments('the capture', buffer, at + 24, at + length - 4, this.#little);
    const major = u16(buffer, at + 12, this.#little);
    if (major === 1) return;
    this.#output.report('PCAPNG_VERSION', `Section version ${major}; version 1 is known.`, base + at + 12);
  }

  #interface(buffer: Uint8Array, at: number, length: number, base: number): void {
    if (this.#interfaces.length >= MAX_INTERFACES) {
      this.#output.report('PCAPNG_TOO_MANY_INTERFACES', `More than ${MAX_INTERFACES} interfaces.`, base + at);
      return;
    }
    const little = this.#little;
    const linkType = u16(buffer, at + 8, little);
    let resolution = DEFAULT_RESOLUTION;
    let offsetSeconds = 0;
    const end = at + length - 4;
    eachOption(buffer, at + 16, end, little, (code, value, size) => {
      if (code === OPTION_TSRESOL && size === 1) resolution = buffer[value];
      if (code === OPTION_TSOFFSET && size === 8) {
        const low = u32(buffer, little ? value : value + 4, little);
        const high = u32(buffer, little ? value + 4 : value, little) | 0;
        offsetSeconds = high * 2 ** 32 + low;
      }
    });
    this.notes.addComments(`interface ${this.#interfaces.length}`, buffer, at + 16, end, little);
    this.#output.addLinkType(linkType);
    const snapLength = u32(buffer, at + 12, little);
    this.#interfaces.push({ linkType, snapLength, unit: new TimestampUnit(resolution, offsetSeconds) });
  }

  #enhancedPacket(buffer: Uint8Array, at: number, length: number, base: number): void {
    const little = this.#little;
    const source = this.#interfaceOf(u32(buffer, at + 8, little), base + at);
    if (source === undefined) return;
    source.unit.convert(u32(buffer, at + 12, little), u32(buffer, at + 16, little));
    const captured = u32(buffer, at + 20, little);
    this.#deliver(
      source,
      at + 28,
      captured,
      length - ENHANCED_OVERHEAD,
      u32(buffer, at + 24, little),
      base + at,
    );
    const options = at + 28 + ((captured + 3) & ~3);
    const end = at + length - 4;
    if (options < end) this.notes.addPacketComments(this.#output.frames, buffer, options, end, little);
  }

  #obsoletePacket(buffer: Uint8Array, at: number, length: number, base: number): void {
    const little = this.#little;
    const source = this.#interfaceOf(u16(buffer, at + 8, little), base + at);
    if (source === undefined) return;
    source.unit.convert(u32(buffer, at + 12, little), u32(buffer, at + 16, little));
    const captured = u32(buffer, at + 20, little);
    this.#deliver(source, at + 28, captured, length - 32, u32(buffer, at + 24, little), base + at);
  }

  #simplePacket(buffer: Uint8Array, at: number, length: number, base: number): void {
    const source = this.#interfaceOf(0, base + at);
    if (source === undefined) return;
    const original = u32(buffer, at + 8, this.#little);
    const limit = source.snapLength === 0 ? original : Math.min(original, source.snapLength);
    source.unit.seconds = 0;
    source.unit.nanos = 0;
    const captured = Math.min(limit, length - 16);
    this.#deliver(source, at + 12, captured, length - 16, original, base + at);
  }

  #interfaceOf(id: number, offset: number): CaptureInterface | undefined {
    const found = this.#interfaces[id];
    if (found === undefined) {
      this.#output.frames++;
      const message = `A packet belongs to interface ${id}, of which the section has no description.`;
      this.#output.report('PCAPNG_UNKNOWN_INTERFACE', message, offset);
    }
    return found;
  }

  #deliver(
    source: CaptureInterface,
    start: number,
    captured: number,
    room: number,
    original: number,
    offset: number,
  ): void {
    const output = this.#output;
    const view = output.view;
    let length = captured;
    view.frame = ++output.frames;
    if (captured > room) {
      const message = `Packet ${view.frame} claims ${captured} bytes; its block has room for ${room}.`;
      output.report('PCAPNG_BAD_PACKET', message, offset);
      length = room;
    }
    output.packets++;
    view.seconds = source.unit.seconds;
    view.nanos = source.unit.nanos;
    view.linkType = source.linkType;
    view.start = start;
    view.end = start + length;
    view.originalLength = original;
    view.fileOffset = offset;
    output.sink.handlePacket(view);
  }

  #secrets(buffer: Uint8Array, at: number, length: number, base: number): void {
    const little = this.#little;
    if (u32(buffer, at + 8, little) !== TLS_KEY_LOG) return;
    const size = u32(buffer, at + 12, little);
    if (size > length - 20) {
      this.#output.report(
        'PCAPNG_BAD_SECRETS',
        'A secrets block is shorter than the text it claims.',
        base + at,
      );
      return;
    }
    this.#output.sink.handleSecrets?.(buffer.subarray(at + 16, at + 16 + size));
  }
}
