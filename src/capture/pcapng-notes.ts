/** What a pcapng file says about itself besides its packets: comments, names of addresses, packets that its recorder lost. */
import { utf8 } from '../base/bytes';
import { u16, u32 } from './words';

const OPTION_END = 0;
const OPTION_COMMENT = 1;
/** Interface statistics (draft-ietf-opsawg-pcapng section 4.6). */
const STATISTICS_RECEIVED = 4;
const STATISTICS_DROPPED_BY_INTERFACE = 5;
const STATISTICS_DROPPED_BY_SYSTEM = 7;
/** Records of name resolution (section 4.5). */
const NAME_IPV4 = 1;
const NAME_IPV6 = 2;

/** More would drown what a reader is looking for. */
const LIMITS = { comments: 20, names: 20, text: 200 } as const;

/** Calls back for every option of a block's option list, with its code and where its value is. */
export function eachOption(
  buffer: Uint8Array,
  start: number,
  end: number,
  little: boolean,
  take: (code: number, at: number, length: number) => void,
): void {
  for (let option = start; option + 4 <= end; ) {
    const code = u16(buffer, option, little);
    const length = u16(buffer, option + 2, little);
    if (code === OPTION_END || option + 4 + length > end) return;
    take(code, option + 4, length);
    option += 4 + ((length + 3) & ~3);
  }
}

export class PcapngNotes {
  readonly #comments: string[] = [];
  readonly #names = new Map<string, string>();
  #moreComments = 0;
  #received = 0;
  #dropped = 0;

  /** Takes the comments of a block's option list; `about` says what they are about. */
  addComments(about: string, buffer: Uint8Array, start: number, end: number, little: boolean): void {
    eachOption(buffer, start, end, little, (code, at, length) => {
      if (code !== OPTION_COMMENT || length === 0) return;
      if (this.#comments.length === LIMITS.comments) this.#moreComments++;
      else this.#comments.push(`Comment of ${about}: ${words(buffer.subarray(at, at + length))}`);
    });
  }

  /** The same for a packet. Some recorders give every packet options, and next to none a comment. */
  addPacketComments(frame: number, buffer: Uint8Array, start: number, end: number, little: boolean): void {
    for (let option = start; option + 4 <= end; ) {
      const code = u16(buffer, option, little);
      if (code === OPTION_END) return;
      if (code === OPTION_COMMENT) {
        this.addComments(`packet ${frame}`, buffer, option, end, little);
        return;
      }
      option += 4 + ((u16(buffer, option + 2, little) + 3) & ~3);
    }
  }

  /** The body of a name resolution block. */
  addNames(buffer: Uint8Array, start: number, end: number, little: boolean): void {
    eachOption(buffer, start, end, little, (type, at, length) => {
      const addressLength = type === NAME_IPV4 ? 4 : type === NAME_IPV6 ? 16 : 0;
      if (addressLength === 0 || length <= addressLength || this.#names.size === LIMITS.names) return;
      const address = formatAddress(buffer.subarray(at, at + addressLength));
      const [first] = utf8(buffer.subarray(at + addressLength, at + length)).split('\0');
      if (first !== '') this.#names.set(address, clean(first));
    });
  }

  /** The options of an interface statistics block. */
  addStatistics(buffer: Uint8Array, start: number, end: number, little: boolean): void {
    eachOption(buffer, start, end, little, (code, at, length) => {
      if (length !== 8) return;
      const low = u32(buffer, little ? at : at + 4, little);
      const high = u32(buffer, little ? at + 4 : at, little);
      const value = high * 2 ** 32 + low;
      if (code === STATISTICS_RECEIVED) this.#received += value;
      if (code === STATISTICS_DROPPED_BY_INTERFACE || code === STATISTICS_DROPPED_BY_SYSTEM)
        this.#dropped += value;
    });
  }

  /** One sentence each. */
  sentences(): string[] {
    const list: string[] = [];
    if (this.#dropped > 0) {
      const of = this.#received > 0 ? ` of ${this.#received}` : '';
      list.push(`The recorder lost ${this.#dropped}${of} packets: conversations may have gaps.`);
    }
    for (const [address, name] of this.#names) list.push(`The capture names ${address} ${name}.`);
    list.push(...this.#comments);
    if (this.#moreComments > 0) list.push(`There are ${this.#moreComments} more comments.`);
    return list;
  }
}

/** One line of bounded length: a file's words must not draw on a terminal. */
function words(bytes: Uint8Array): string {
  return clean(utf8(bytes.subarray(0, 4 * LIMITS.text)));
}

function clean(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  return line.length > LIMITS.text ? `${line.slice(0, LIMITS.text)}…` : line;
}

/** IPv4 with dots, IPv6 in full: it is shown, not compared. */
function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] << 8) | bytes[2 * i + 1]).toString(16));
  return groups.join(':');
}
