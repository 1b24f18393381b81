import { equalBytes } from '../base/bytes';
import { openAead, sealAead } from './aead';
import { expandLabel } from './key-schedule';
import {
  nonceOf,
  type OpenedRecord,
  type Protection,
  type RecordCipher,
  type SealedRecord,
} from './protection';

/** Record protection of TLS 1.3 (RFC 8446 section 5.2) under one traffic secret. */
export class Tls13Cipher implements RecordCipher {
  sequence = 0;
  /** Made when the first record comes: of the ciphers that a ServerHello asks for, few see one. */
  #derived: { readonly key: Uint8Array; readonly iv: Uint8Array } | undefined;

  constructor(
    private readonly protection: Protection,
    private readonly secret: Uint8Array,
  ) {}

  open(record: SealedRecord): OpenedRecord | undefined {
    const { key, iv } = this.#keys();
    const nonce = nonceOf(iv, this.sequence);
    const inner = openAead(this.protection, key, nonce, record.header, record.payload);
    if (!inner) return undefined;
    this.sequence++;
    let end = inner.length;
    while (end > 0 && inner[end - 1] === 0) end--;
    // All zeros is a record without a type, which no one may send.
    return end === 0 ? undefined : { type: inner[end - 1], content: inner.subarray(0, end - 1) };
  }

  seal(like: SealedRecord, { type, content }: OpenedRecord): Uint8Array {
    const inner = new Uint8Array(like.payload.length - this.protection.tagLength);
    inner.set(content);
    inner[content.length] = type;
    const { key, iv } = this.#keys();
    const nonce = nonceOf(iv, this.sequence++);
    return sealAead(this.protection, key, nonce, like.header, inner);
  }

  /** Whether its keys are made of this traffic secret. */
  isOf(secret: Uint8Array | undefined): boolean {
    return secret !== undefined && equalBytes(secret, this.secret);
  }

  /** The cipher after a KeyUpdate (RFC 8446 section 7.2). */
  updated(): Tls13Cipher {
    const { hash } = this.protection;
    return new Tls13Cipher(
      this.protection,
      expandLabel(hash, this.secret, 'traffic upd', this.secret.length),
    );
  }

  #keys() {
    const { hash, keyLength } = this.protection;
    this.#derived ??= {
      key: expandLabel(hash, this.secret, 'key', keyLength),
      iv: expandLabel(hash, this.secret, 'iv', 12),
    };
    return this.#derived;
  }
}
