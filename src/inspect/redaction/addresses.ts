import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { formatAddress, parseAddress } from '../../network/address';
import type { RandomBytes } from './sealing';

const KEY_LENGTH = 32;
const IPV4_MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/**
 * Gives addresses others, so that two that had their first n bits in common still have, and no more (as Crypto-PAn does: Xu, Fan, Ammar,
 * Moon 2002, with HMAC-SHA-256 for the function). The key is made for one file and kept nowhere.
 */
export class AddressCipher {
  readonly #key: Uint8Array;
  readonly #bits = new Map<string, number>();
  readonly #known = new Map<string, Uint8Array>();

  constructor(random: RandomBytes) {
    this.#key = random(KEY_LENGTH);
  }

  /** @param address of 4 or 16 bytes. An IPv4 address in an IPv6 one is written as itself. */
  instead(address: Uint8Array): Uint8Array {
    if (address.length === 16 && IPV4_MAPPED.every((byte, i) => address[i] === byte)) {
      return Uint8Array.of(...IPV4_MAPPED, ...this.instead(address.subarray(12)));
    }
    const key = address.join('.');
    let made = this.#known.get(key);
    if (!made) {
      made = this.#make(address);
      this.#known.set(key, made);
    }
    return made;
  }

  #make(address: Uint8Array): Uint8Array {
    const made = address.slice();
    let prefix = `${address.length}:`;
    for (let bit = 0; bit < 8 * address.length; bit++) {
      const shift = 7 - (bit & 7);
      made[bit >> 3] ^= this.#bitAfter(prefix) << shift;
      prefix += (address[bit >> 3] >> shift) & 1;
    }
    return made;
  }

  #bitAfter(prefix: string): number {
    let bit = this.#bits.get(prefix);
    if (bit === undefined) {
      bit = hmac(sha256, this.#key, new TextEncoder().encode(prefix))[0] & 1;
      this.#bits.set(prefix, bit);
    }
    return bit;
  }
}

/** The addresses of the connections of a file, which its packets show, and what is written for them where they stand as text. */
export class AddressBook {
  readonly #known: ReadonlySet<string>;

  constructor(
    known: Iterable<string>,
    readonly cipher?: AddressCipher,
  ) {
    this.#known = new Set(known);
  }

  /** What to write for an address as text, as long; undefined if it is none that a packet shows. */
  text(address: string): string | undefined {
    const bytes = this.#ours(address);
    if (!bytes) return undefined;
    if (!this.cipher) return address;
    const made = formatAddress(this.cipher.instead(bytes), 0, bytes.length);
    return made.length === address.length ? made : address.replace(/[\da-f]/gi, '0');
  }

  /** The same for the bytes of one. */
  bytes(address: Uint8Array): Uint8Array | undefined {
    if (address.length !== 4 && address.length !== 16) return undefined;
    if (!this.#known.has(formatAddress(address, 0, address.length))) return undefined;
    return this.cipher ? this.cipher.instead(address) : address;
  }

  /** The texts that stay, if addresses do. */
  get staying(): Iterable<string> {
    return this.cipher ? [] : this.#known;
  }

  #ours(text: string): Uint8Array | undefined {
    if (text.length < 3) return undefined;
    const bytes = parseAddress(text);
    return bytes && this.#known.has(formatAddress(bytes, 0, bytes.length)) ? bytes : undefined;
  }
}
