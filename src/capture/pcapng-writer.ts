import { concat, utf8Bytes } from '../base/bytes';
import { SECTION_HEADER } from './format';

/** Blocks written, little-endian (draft-ietf-opsawg-pcapng sections 4.1, 4.2, 4.3 and 4.7). */
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
/** Bytes of its block before the packet. */
const PACKET_HEADER = 28;
const DECRYPTION_SECRETS = 10;
const TLS_KEY_LOG = 0x544c534b;

const OPTION_COMMENT = 1;
const OPTION_USER_APPLICATION = 4;
const OPTION_TSRESOL = 9;
const NANOSECONDS = 9;
/** An option's length has 16 bits. */
const MAX_OPTION_LENGTH = 65_535;

/** Bytes of memory before the first packet. */
const FIRST_ROOM = 1024;

export interface PcapngWriterOptions {
  /** LINKTYPE_ value of the packets; Ethernet unless said. */
  readonly linkType?: number;
  /** Name of the program, kept in the section header. */
  readonly application?: string;
}

/** When a packet was seen; a `Mark` is one. */
interface PacketTime {
  /** Since 1970-01-01T00:00:00Z, a whole number. */
  readonly seconds: number;
  readonly nanos: number;
}

/** What a packet is, where it differs from the usual. */
export interface PacketOptions {
  /** LINKTYPE_ value; the writer's own unless said. */
  readonly linkType?: number;
  /** Length on the wire, if the capture cut the packet. */
  readonly originalLength?: number;
}

/** Builds a pcapng file of one section, with an interface for each link type and nanosecond timestamps. */
export class PcapngWriter {
  #bytes = new Uint8Array(FIRST_ROOM);
  #length = 0;
  /** Link types by number of their interface. */
  readonly #interfaces: number[] = [];

  constructor({ linkType = 1, application = '' }: PcapngWriterOptions = {}) {
    const appOption = application === '' ? [] : [option(OPTION_USER_APPLICATION, utf8Bytes(application))];
    this.#add(
      block(
        SECTION_HEADER,
        words(0x1a2b3c4d, 1 /* version 1.0 */, 0xffffffff, 0xffffffff),
        ...options(appOption),
      ),
    );
    this.#interfaceOf(linkType);
  }

  /** Adds a packet, of which a copy is kept. */
  addPacket(time: PacketTime, packet: Uint8Array, comment?: string, what: PacketOptions = {}): void {
    const source = this.#interfaceOf(what.linkType ?? this.#interfaces[0]);
    const length = what.originalLength ?? packet.length;
    const comments =
      comment === undefined || comment === '' ? [] : [option(OPTION_COMMENT, utf8Bytes(comment))];
    const tail = options(comments);
    const end = PACKET_HEADER + ((packet.length + 3) & ~3);
    const total = tail.reduce((sum, part) => sum + part.length, end + 4);
    // In its place at once: of packets there may be millions.
    const start = this.#grow(total);
    const bytes = this.#bytes;
    put32(bytes, start, ENHANCED_PACKET);
    put32(bytes, start + 4, total);
    put32(bytes, start + 8, source);
    putTicks(bytes, start + 12, time);
    put32(bytes, start + 20, packet.length);
    put32(bytes, start + 24, length);
    bytes.set(packet, start + PACKET_HEADER);
    let at = start + end;
    for (const part of tail) {
      bytes.set(part, at);
      at += part.length;
    }
    put32(bytes, at, total);
  }

  /** Adds TLS secrets, text of an NSS key log. Readers decrypt the packets that come after it. */
  addSecrets(keyLog: Uint8Array): void {
    if (keyLog.length === 0) return;
    this.#add(block(DECRYPTION_SECRETS, words(TLS_KEY_LOG, keyLog.length), padded(keyLog)));
  }

  /** Number of the interface of a link type; it is described on first use. */
  #interfaceOf(linkType: number): number {
    const known = this.#interfaces.indexOf(linkType);
    if (known >= 0) return known;
    this.#add(
      block(
        INTERFACE_DESCRIPTION,
        words(linkType & 0xffff, 0 /* no snap length */),
        ...options([option(OPTION_TSRESOL, Uint8Array.of(NANOSECONDS))]),
      ),
    );
    return this.#interfaces.push(linkType) - 1;
  }

  /** The file so far, as a new array. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #add(whole: Uint8Array): void {
    const start = this.#grow(whole.length);
    this.#bytes.set(whole, start);
  }

  /** Makes room, all zeros. @returns where it begins. */
  #grow(length: number): number {
    const start = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#length);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    return start;
  }
}

/**
 * Nanoseconds since 1970 as two words, the upper one first. More than a double holds exactly, so not multiplied out. Those before 1970 are
 * written as a reader without a sign takes them: all a file's times are off, and as far apart as they were.
 */
function putTicks(bytes: Uint8Array, at: number, { seconds, nanos }: PacketTime): void {
  const halves = Math.floor(seconds / HALF);
  const upper = Math.floor((halves * 1e9) / HALF);
  const low = (halves * 1e9 - upper * HALF) * HALF + (seconds - halves * HALF) * 1e9 + nanos;
  put32(bytes, at, upper + Math.floor(low / WORD));
  put32(bytes, at + 4, low % WORD);
}

/** Values of 16 bits, and of 32. */
const HALF = 2 ** 16;
const WORD = 2 ** 32;

/** Little-endian. */
function put32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

/** A block around its body; the parts must be multiples of four bytes. */
function block(type: number, ...body: Uint8Array[]): Uint8Array {
  const length = body.reduce((sum, part) => sum + part.length, 12);
  return concat(words(type, length), ...body, words(length));
}

function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value, true);
  return bytes;
}

function padded(bytes: Uint8Array): Uint8Array {
  const rest = bytes.length % 4;
  return rest === 0 ? bytes : concat(bytes, new Uint8Array(4 - rest));
}

/** Code, length, value; a value that does not fit is cut. */
function option(code: number, value: Uint8Array): Uint8Array {
  const kept = value.subarray(0, MAX_OPTION_LENGTH);
  return concat(words(code | (kept.length << 16)), padded(kept));
}

/** Options with the end mark; nothing at all when there are none. */
function options(list: Uint8Array[]): Uint8Array[] {
  return list.length === 0 ? [] : [...list, words(0)];
}
