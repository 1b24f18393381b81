import { utf8Bytes } from '../../base/bytes';
import type { Side } from '../../base/mark';
import { Tls13Cipher } from '../../tls/decrypt-13';
import { KeyLog, keyLogText, type TlsSecrets } from '../../tls/keylog';
import type { RecordCipher } from '../../tls/protection';
import type { OpenedWith } from '../../tls/session';
import type { SessionKeys } from '../../tls/session-keys';
import type { Randoms } from './randoms';

/** Gives `length` random bytes. */
export type RandomBytes = (length: number) => Uint8Array;

const MASTER_LENGTH = 48;

/**
 * Seals redacted records again, under secrets made up for it: a redacted capture can be opened by everyone, and opens nothing else. The
 * real secrets would open the real connection for whoever has recorded it.
 */
export class Sealing {
  /** The made-up secrets as a key log; empty while there are none. */
  keyLog = '';
  #keys: SessionKeys | undefined;
  /** What stands in for each cipher of the session. */
  readonly #ciphers = new Map<RecordCipher, RecordCipher>();
  readonly #last: Partial<Record<Side, RecordCipher>> = {};

  /** @param randoms what stands in the hellos now. */
  constructor(
    private readonly random: RandomBytes,
    private readonly randoms: Randoms,
  ) {}

  /**
   * @param record the record as it was. @param content what to put in place of what it held, as long.
   * @returns its new payload; undefined if no cipher can be made up.
   */
  seal(
    from: Side,
    record: { type: number; version: number; header: Uint8Array; payload: Uint8Array },
    opened: OpenedWith,
    content: Uint8Array,
  ): Uint8Array | undefined {
    const cipher = this.#cipherFor(from, opened);
    if (!cipher) return undefined;
    cipher.sequence = opened.sequence;
    return cipher.seal(record, { type: opened.type, content });
  }

  #cipherFor(from: Side, { cipher, keys }: OpenedWith): RecordCipher | undefined {
    const known = this.#ciphers.get(cipher);
    if (known) return known;
    this.#keys ??= this.#makeUp(keys);
    const made = this.#newCipher(from, cipher, keys.secrets ?? {}, this.#keys);
    if (made) {
      this.#ciphers.set(cipher, made);
      this.#last[from] = made;
    }
    return made;
  }

  #newCipher(from: Side, cipher: RecordCipher, old: TlsSecrets, keys: SessionKeys): RecordCipher | undefined {
    if (!(cipher instanceof Tls13Cipher)) return keys.tls12(from) ?? undefined;
    const [handshake, traffic] =
      from === 'client' ? [old.clientHandshake, old.clientTraffic] : [old.serverHandshake, old.serverTraffic];
    if (cipher.isOf(handshake)) return keys.handshake13(from) ?? undefined;
    if (cipher.isOf(traffic)) return keys.traffic13(from) ?? undefined;
    // A KeyUpdate made it of the one before.
    const last = this.#last[from];
    return last instanceof Tls13Cipher ? last.updated() : undefined;
  }

  #makeUp(keys: SessionKeys): SessionKeys {
    const old = keys.secrets ?? {};
    const is13 = (old.clientTraffic ?? old.clientHandshake ?? old.serverTraffic) !== undefined;
    const secrets: { -readonly [name in keyof TlsSecrets]: Uint8Array } = {};
    const names = ['clientHandshake', 'serverHandshake', 'clientTraffic', 'serverTraffic'] as const;
    for (const name of names) {
      const secret = old[name];
      if (secret) secrets[name] = this.random(secret.length);
    }
    if (!is13) secrets.master = this.random(MASTER_LENGTH);
    const { clientHello, serverHello } = keys;
    const random = this.randoms.instead(clientHello?.random ?? new Uint8Array(32));
    this.keyLog = keyLogText(random, secrets);
    const made = keys.withKeyLog(KeyLog.parse(utf8Bytes(this.keyLog)).value);
    if (clientHello) made.clientHello = { ...clientHello, random };
    if (serverHello) made.serverHello = { ...serverHello, random: this.randoms.instead(serverHello.random) };
    return made;
  }
}
