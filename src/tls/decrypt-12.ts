/** Record protection of TLS 1.0 to 1.2 (RFC 5246 section 6.2.3, RFC 5288, RFC 6655, RFC 7905, RFC 7366). */
import { cbc } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { concat, equalBytes } from '../base/bytes';
import type { Side } from '../base/mark';
import { openAead, sealAead } from './aead';
import { HASHES, prf10, prf12 } from './key-schedule';
import { VERSION } from './names';
import {
  nonceOf,
  type OpenedRecord,
  type Protection,
  type RecordCipher,
  type SealedRecord,
  sequenceBytes,
} from './protection';

const MAC_LENGTH = { sha1: 20, sha256: 32, sha384: 48 } as const;
const BLOCK = 16;
const IV_LENGTH = { gcm: 4, ccm: 4, cbc: BLOCK, 'chacha20-poly1305': 12 } as const;
/** GCM and CCM send a part of the nonce with each record. */
const EXPLICIT_NONCE = 8;

export interface Tls12Parameters {
  readonly version: number;
  readonly protection: Protection;
  readonly masterSecret: Uint8Array;
  readonly clientRandom: Uint8Array;
  readonly serverRandom: Uint8Array;
  /** Both sides agreed on encrypt_then_mac. */
  readonly encryptThenMac: boolean;
}

/** The keys of one direction, cut from the key block (RFC 5246 section 6.3). */
interface Keys {
  readonly mac: Uint8Array;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

/** The cipher for what `from` sends after its ChangeCipherSpec. */
export function tls12Cipher(parameters: Tls12Parameters, from: Side): RecordCipher {
  const { protection, version } = parameters;
  const keys = keysOf(parameters, from);
  if (protection.kind === 'cbc') return new CbcCipher(protection, keys, version, parameters.encryptThenMac);
  return new AeadCipher(protection, keys);
}

function keysOf(parameters: Tls12Parameters, from: Side): Keys {
  const { protection, version, masterSecret } = parameters;
  const macLength = protection.mac === null ? 0 : MAC_LENGTH[protection.mac];
  const ivLength = IV_LENGTH[protection.kind];
  const seed = concat(parameters.serverRandom, parameters.clientRandom);
  const length = 2 * (macLength + protection.keyLength + ivLength);
  const block =
    version < VERSION.tls12
      ? prf10(masterSecret, 'key expansion', seed, length)
      : prf12(protection.hash, masterSecret, 'key expansion', seed, length);
  const second = from === 'server' ? 1 : 0;
  let at = 0;
  const pair = (size: number): Uint8Array => {
    const part = block.slice(at + second * size, at + (second + 1) * size);
    at += 2 * size;
    return part;
  };
  return { mac: pair(macLength), key: pair(protection.keyLength), iv: pair(ivLength) };
}

/** Sequence number, type, version and length: what a MAC or tag covers besides the content. */
function associated(sequence: number, record: SealedRecord, length: number): Uint8Array {
  const { type, version } = record;
  return concat(
    sequenceBytes(sequence),
    Uint8Array.of(type, version >> 8, version & 0xff, length >> 8, length & 0xff),
  );
}

class AeadCipher implements RecordCipher {
  sequence = 0;

  constructor(
    private readonly protection: Protection,
    private readonly keys: Keys,
  ) {}

  open(record: SealedRecord): OpenedRecord | undefined {
    const { key, iv } = this.keys;
    const { protection } = this;
    const explicit = this.#explicit;
    const length = record.payload.length - explicit - protection.tagLength;
    if (length < 0) return undefined;
    const nonce = this.#nonce(iv, record);
    const data = associated(this.sequence, record, length);
    const content = openAead(protection, key, nonce, data, record.payload.subarray(explicit));
    if (!content) return undefined;
    this.sequence++;
    return { type: record.type, content };
  }

  seal(like: SealedRecord, { content }: OpenedRecord): Uint8Array {
    const { key, iv } = this.keys;
    const data = associated(this.sequence, like, content.length);
    const sealed = sealAead(this.protection, key, this.#nonce(iv, like), data, content);
    this.sequence++;
    return concat(like.payload.subarray(0, this.#explicit), sealed);
  }

  get #explicit(): number {
    return this.protection.kind === 'chacha20-poly1305' ? 0 : EXPLICIT_NONCE;
  }

  #nonce(iv: Uint8Array, record: SealedRecord): Uint8Array {
    const explicit = this.#explicit;
    return explicit === 0 ? nonceOf(iv, this.sequence) : concat(iv, record.payload.subarray(0, explicit));
  }
}

class CbcCipher implements RecordCipher {
  sequence = 0;
  /** TLS 1.0 chains records: the last block of one is the IV of the next. */
  #chained: Uint8Array;

  constructor(
    private readonly protection: Protection,
    private readonly keys: Keys,
    private readonly version: number,
    private readonly encryptThenMac: boolean,
  ) {
    this.#chained = keys.iv;
  }

  open(record: SealedRecord): OpenedRecord | undefined {
    const macLength = this.keys.mac.length;
    let sealed = record.payload;
    if (this.encryptThenMac) {
      const mac = sealed.subarray(Math.max(0, sealed.length - macLength));
      sealed = sealed.subarray(0, Math.max(0, sealed.length - macLength));
      if (!equalBytes(mac, this.#mac(record, sealed))) return undefined;
    }
    const plain = this.#decrypt(sealed);
    if (!plain || plain.length === 0) return undefined;
    const end = plain.length - 1 - plain[plain.length - 1] - (this.encryptThenMac ? 0 : macLength);
    if (end < 0) return undefined;
    const content = plain.slice(0, end);
    if (!this.encryptThenMac) {
      if (!equalBytes(plain.subarray(end, end + macLength), this.#mac(record, content))) return undefined;
    }
    if (this.version < VERSION.tls11) this.#chained = sealed.slice(sealed.length - BLOCK);
    this.sequence++;
    return { type: record.type, content };
  }

  seal(like: SealedRecord, { content }: OpenedRecord): Uint8Array {
    const explicit = this.version >= VERSION.tls11 ? like.payload.subarray(0, BLOCK) : new Uint8Array(0);
    const iv = explicit.length > 0 ? explicit : this.#chained;
    const macLength = this.keys.mac.length;
    const room = like.payload.length - explicit.length - (this.encryptThenMac ? macLength : 0);
    const padding = new Uint8Array(room - content.length - (this.encryptThenMac ? 0 : macLength));
    padding.fill(padding.length - 1);
    const plain = this.encryptThenMac
      ? concat(content, padding)
      : concat(content, this.#mac(like, content), padding);
    const blocks = concat(explicit, cbc(this.keys.key, iv, { disablePadding: true }).encrypt(plain));
    const sealed = this.encryptThenMac ? concat(blocks, this.#mac(like, blocks)) : blocks;
    if (explicit.length === 0) this.#chained = blocks.slice(blocks.length - BLOCK);
    this.sequence++;
    return sealed;
  }

  #decrypt(sealed: Uint8Array): Uint8Array | undefined {
    const explicit = this.version >= VERSION.tls11;
    const iv = explicit ? sealed.subarray(0, BLOCK) : this.#chained;
    const blocks = explicit ? sealed.subarray(BLOCK) : sealed;
    if (iv.length !== BLOCK || blocks.length === 0 || blocks.length % BLOCK !== 0) return undefined;
    try {
      return cbc(this.keys.key, iv, { disablePadding: true }).decrypt(blocks);
    } catch {
      return undefined;
    }
  }

  #mac(record: SealedRecord, data: Uint8Array): Uint8Array {
    const hash = HASHES[this.protection.mac ?? 'sha1'];
    return hmac(hash, this.keys.mac, concat(associated(this.sequence, record, data.length), data));
  }
}
