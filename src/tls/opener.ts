import type { OpenedRecord, RecordCipher, SealedRecord } from './protection';

/** Records in a row that may fail before a key is taken for a wrong one: early data is skipped this way too. */
const MAX_FAILURES = 32;

/** Furthest that the record number is searched after missing bytes. */
const MAX_SEARCH = 64;

/** The smallest sealed record: header, one byte, the tag of CCM_8. */
const SMALLEST = 14;

/** Opens what one side sealed, as far as there are keys for it. */
export class Opener {
  #cipher: RecordCipher | null = null;
  /** Tried when the current keys fail: those of application data, where the handshake's are not known. */
  #later: RecordCipher | null = null;
  #failures = 0;
  #search = 0;

  /** There are keys that may open the next record. */
  get ready(): boolean {
    return (this.#cipher !== null || this.#later !== null) && this.#failures < MAX_FAILURES;
  }

  /** There are keys, and nothing has been opened with them. */
  get waitsForFirst(): boolean {
    return this.ready && this.#cipher?.sequence === 0;
  }

  get cipher(): RecordCipher | null {
    return this.#cipher;
  }

  /** New keys from the next record on; null when they are not known. */
  use(cipher: RecordCipher | null, later: RecordCipher | null = null): void {
    this.#cipher = cipher;
    this.#later = later;
    this.#failures = 0;
    this.#search = 0;
  }

  /** `length` bytes are missing: some number of records went by unseen. */
  handleGap(length: number): void {
    this.#search = Math.min(MAX_SEARCH, this.#search + Math.ceil(length / SMALLEST) + 1);
  }

  open(record: SealedRecord): OpenedRecord | undefined {
    if (!this.ready) return undefined;
    const opened = this.#tryCurrent(record) ?? this.#tryLater(record);
    this.#failures = opened ? 0 : this.#failures + 1;
    return opened;
  }

  #tryCurrent(record: SealedRecord): OpenedRecord | undefined {
    const cipher = this.#cipher;
    if (!cipher) return undefined;
    const expected = cipher.sequence;
    for (let skipped = 0; skipped <= this.#search; skipped++) {
      cipher.sequence = expected + skipped;
      const opened = cipher.open(record);
      if (!opened) continue;
      this.#search = 0;
      return opened;
    }
    cipher.sequence = expected;
    return undefined;
  }

  #tryLater(record: SealedRecord): OpenedRecord | undefined {
    const opened = this.#later?.open(record);
    if (opened) {
      this.#cipher = this.#later;
      this.#later = null;
    }
    return opened;
  }
}
