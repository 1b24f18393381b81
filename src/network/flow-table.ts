import { i32be } from '../capture/words';
import { formatAddress } from './address';
import type { SegmentView } from './segment';

/** 0: from the endpoint that sent the flow's first packet seen; 1: to it. */
export type Direction = 0 | 1;

/** Words of a key: two addresses and one word with both ports. */
const IPV4_WORDS = 3;
const IPV6_WORDS = 9;

/** IPv4 addresses whose texts are remembered; a power of two. */
const RECENT = 256;

/**
 * Numbers TCP conversations: 0, 1, 2… by address and port of both ends. An open-addressing hash over typed arrays; a look
 * costs no allocation. What belongs to a flow is kept by the caller, in arrays by that number.
 *
 * A key holds the numerically lower endpoint first, so that both directions meet in one entry. IPv4 flows take 12 bytes of
 * key, IPv6 flows 36, and 20 bytes of tables.
 */
export class FlowTable {
  /** Results of the last {@link lookup}, {@link find} or {@link renew}. */
  direction: Direction = 0;
  isNew = false;
  #count = 0;
  /** Flow number + 1 by hash; 0 is free. The length is a power of two. */
  #slots = new Int32Array(1024);
  #hashes = new Int32Array(512);
  /** Index in `#keys` of a flow's key, times four; bit 1: IPv6; bit 0: the first packet came from the higher endpoint. */
  #places = new Uint32Array(512);
  #keys = new Int32Array(512 * IPV4_WORDS);
  #keysUsed = 0;
  /** The key being looked for, lower endpoint first. */
  readonly #key = new Int32Array(IPV6_WORDS);
  #keyWords = IPV4_WORDS;
  #swapped = 0;
  readonly #seed: number;
  /** Addresses written lately, by their last bits: a server's is asked for with each of its connections. */
  readonly #recent = new Int32Array(RECENT);
  readonly #recentTexts: string[] = new Array(RECENT).fill('');
  readonly #address = new Uint8Array(16);

  /** @param seed of the hash, for callers who want collisions to be unpredictable. */
  constructor(seed = 0x2545f491) {
    this.#seed = seed | 0;
  }

  /** Number of flows so far; flow numbers are below it. */
  get count(): number {
    return this.#count;
  }

  /** The segment's flow, added if it is new. Sets {@link direction} and {@link isNew}. */
  lookup(segment: SegmentView): number {
    const hash = this.#readKey(segment);
    const slot = this.#slotOf(hash);
    const found = this.#slots[slot] - 1;
    if (found < 0) return this.#add(hash, slot);
    return this.#found(found);
  }

  /** The segment's flow, or -1. Adds nothing. */
  find(segment: SegmentView): number {
    const found = this.#slots[this.#slotOf(this.#readKey(segment))] - 1;
    if (found >= 0) return this.#found(found);
    this.direction = 0;
    this.isNew = false;
    return -1;
  }

  /**
   * The same endpoints talk anew (a port is used again): gives them a new number, in the orientation of this segment. The
   * old number stays valid for {@link address} and {@link port}.
   */
  renew(segment: SegmentView): number {
    const hash = this.#readKey(segment);
    return this.#add(hash, this.#slotOf(hash));
  }

  /** Address of an end of a flow. @param end 0: who sent the first packet seen, 1: the other. */
  address(flow: number, end: Direction): string {
    const words = this.#isIpv6(flow) ? 4 : 1;
    const at = this.#keyAt(flow) + (this.#isHigher(flow, end) ? words : 0);
    if (words > 1) return this.#format(at, words);
    const word = this.#keys[at];
    const place = word & (RECENT - 1);
    if (this.#recent[place] !== word || this.#recentTexts[place] === '') {
      this.#recent[place] = word;
      this.#recentTexts[place] = this.#format(at, words);
    }
    return this.#recentTexts[place];
  }

  /** Port of an end of a flow, as {@link address}. */
  port(flow: number, end: Direction): number {
    const ports = this.#keys[this.#keyAt(flow) + (this.#isIpv6(flow) ? IPV6_WORDS : IPV4_WORDS) - 1];
    return this.#isHigher(flow, end) ? ports & 0xffff : ports >>> 16;
  }

  #format(at: number, words: number): string {
    const bytes = this.#address;
    for (let i = 0; i < 4 * words; i++) bytes[i] = this.#keys[at + (i >> 2)] >>> (24 - 8 * (i & 3));
    return formatAddress(bytes, 0, 4 * words);
  }

  #found(flow: number): number {
    this.isNew = false;
    this.direction = ((this.#places[flow] & 1) ^ this.#swapped) as Direction;
    return flow;
  }

  /** Writes the segment's key, lower endpoint first, to `#key`. @returns its hash. */
  #readKey(segment: SegmentView): number {
    const { buffer, sourceAt, destinationAt, sourcePort, destinationPort } = segment;
    const key = this.#key;
    if (segment.version === 4) {
      const source = i32be(buffer, sourceAt);
      return this.#readIpv4(source, i32be(buffer, destinationAt), sourcePort, destinationPort);
    }
    let order = 0;
    for (let i = 0; i < 16 && order === 0; i++) order = buffer[sourceAt + i] - buffer[destinationAt + i];
    const swapped = order > 0 || (order === 0 && sourcePort > destinationPort);
    const first = swapped ? destinationAt : sourceAt;
    const second = swapped ? sourceAt : destinationAt;
    for (let i = 0; i < 4; i++) {
      key[i] = i32be(buffer, first + 4 * i);
      key[4 + i] = i32be(buffer, second + 4 * i);
    }
    key[8] = swapped ? (destinationPort << 16) | sourcePort : (sourcePort << 16) | destinationPort;
    this.#swapped = swapped ? 1 : 0;
    this.#keyWords = IPV6_WORDS;
    let hash = this.#seed;
    for (let i = 0; i < IPV6_WORDS; i++) hash = mix(hash, key[i]);
    return finish(hash);
  }

  #readIpv4(source: number, destination: number, sourcePort: number, destinationPort: number): number {
    const key = this.#key;
    const swapped = source > destination || (source === destination && sourcePort > destinationPort);
    const first = swapped ? destination : source;
    const second = swapped ? source : destination;
    const ports = swapped ? (destinationPort << 16) | sourcePort : (sourcePort << 16) | destinationPort;
    this.#swapped = swapped ? 1 : 0;
    this.#keyWords = IPV4_WORDS;
    key[0] = first;
    key[1] = second;
    key[2] = ports;
    return finish(mix(mix(mix(this.#seed, first), second), ports));
  }

  /** The slot that holds `#key`, or the free one where it belongs. */
  #slotOf(hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const flow = slots[slot] - 1;
      if (flow < 0 || (this.#hashes[flow] === hash && this.#hasKey(flow))) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #hasKey(flow: number): boolean {
    const words = this.#keyWords;
    const place = this.#places[flow];
    if ((place & 2) !== (words === IPV6_WORDS ? 2 : 0)) return false;
    const keys = this.#keys;
    const key = this.#key;
    const at = place >>> 2;
    if (keys[at] !== key[0] || keys[at + 1] !== key[1] || keys[at + 2] !== key[2]) return false;
    for (let i = IPV4_WORDS; i < words; i++) {
      if (keys[at + i] !== key[i]) return false;
    }
    return true;
  }

  #add(hash: number, slot: number): number {
    const flow = this.#count++;
    const words = this.#keyWords;
    if (flow === this.#hashes.length) {
      this.#hashes = grown(this.#hashes, new Int32Array(2 * flow));
      this.#places = grown(this.#places, new Uint32Array(2 * flow));
    }
    if (this.#keysUsed + words > this.#keys.length) {
      this.#keys = grown(this.#keys, new Int32Array(2 * (this.#keys.length + words)));
    }
    for (let i = 0; i < words; i++) this.#keys[this.#keysUsed + i] = this.#key[i];
    this.#hashes[flow] = hash;
    this.#places[flow] = this.#keysUsed * 4 + (words === IPV6_WORDS ? 2 : 0) + this.#swapped;
    this.#keysUsed += words;
    this.#slots[slot] = flow + 1;
    if (2 * this.#count > this.#slots.length) this.#rehash();
    this.direction = 0;
    this.isNew = true;
    return flow;
  }

  /** Doubles the slots. A number that was renewed away has no slot any more and gets none. */
  #rehash(): void {
    const old = this.#slots;
    const slots = new Int32Array(2 * old.length);
    const mask = slots.length - 1;
    for (const entry of old) {
      if (entry === 0) continue;
      let slot = this.#hashes[entry - 1] & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry;
    }
    this.#slots = slots;
  }

  #keyAt(flow: number): number {
    return this.#places[flow] >>> 2;
  }

  #isIpv6(flow: number): boolean {
    return (this.#places[flow] & 2) !== 0;
  }

  /** Whether that end of the flow is the numerically higher one. */
  #isHigher(flow: number, end: Direction): boolean {
    return (this.#places[flow] & 1) !== end;
  }
}

function grown<T extends Int32Array | Uint32Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}

/** One round of MurmurHash3's 32-bit mixing. */
function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const h = hash ^ Math.imul(k, 0x1b873593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

/** MurmurHash3's finalizer: the lower bits, which choose the slot, come to depend on all. */
function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
