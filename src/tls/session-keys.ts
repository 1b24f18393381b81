import { joined } from '../base/bytes';
import type { Side } from '../base/mark';
import { tls12Cipher } from './decrypt-12';
import { Tls13Cipher } from './decrypt-13';
import type { ClientHelloFacts, ServerHelloFacts } from './hello';
import type { KeyLog, TlsSecrets } from './keylog';
import { masterSecret } from './master-secret';
import { encryptedPreMaster } from './messages';
import { HANDSHAKE_TYPE } from './names';
import { type Protection, protectionOf, type RecordCipher, SECRET_LENGTH } from './protection';

/** Longest handshake kept for its hash, bytes. */
const MAX_TRANSCRIPT = 1 << 19;

/** Makes the record ciphers of one session from the key log; null wherever a secret is not known. */
export class SessionKeys {
  clientHello: ClientHelloFacts | undefined;
  serverHello: ServerHelloFacts | undefined;
  /** The handshake's messages up to the ClientKeyExchange; kept only where a pre-master secret may need them. */
  #transcript: Uint8Array[] | undefined;
  #transcriptLength = 0;
  /** From the ClientKeyExchange of an RSA key exchange. */
  #encryptedPreMaster: Uint8Array | undefined;
  #keyExchanged = false;

  constructor(private readonly keyLog: KeyLog | undefined) {}

  /** The same session under other secrets. */
  withKeyLog(keyLog: KeyLog): SessionKeys {
    const other = new SessionKeys(keyLog);
    other.clientHello = this.clientHello;
    other.serverHello = this.serverHello;
    return other;
  }

  /** What the key log has of this session. */
  get secrets(): TlsSecrets | undefined {
    return this.#secrets();
  }

  /** A handshake message in the clear, with its header; copied. Not needed for TLS 1.3. */
  addMessage(type: number, bytes: Uint8Array): void {
    if (!this.keyLog?.hasPreMaster) return;
    if (type === HANDSHAKE_TYPE.clientHello) {
      this.#transcript = undefined;
      this.#transcriptLength = 0;
      this.#keyExchanged = false;
      this.#encryptedPreMaster = undefined;
    }
    if (this.#keyExchanged || this.#transcriptLength + bytes.length > MAX_TRANSCRIPT) return;
    this.#transcript ??= [];
    this.#transcript.push(bytes.slice());
    this.#transcriptLength += bytes.length;
    if (type !== HANDSHAKE_TYPE.clientKeyExchange) return;
    this.#keyExchanged = true;
    this.#encryptedPreMaster = encryptedPreMaster(bytes, this.serverHello?.suite ?? 0)?.slice();
  }

  /** For what `from` sends after its ChangeCipherSpec in TLS 1.2 and older. */
  tls12(from: Side): RecordCipher | null {
    const { clientHello, serverHello } = this;
    const protection = serverHello && protectionOf(serverHello.suite);
    if (!clientHello || !serverHello || !protection) return null;
    const master = this.#secrets()?.master ?? this.#masterFromPreMaster(clientHello, serverHello, protection);
    if (!master) return null;
    return tls12Cipher(
      {
        version: serverHello.version,
        protection,
        masterSecret: master,
        clientRandom: clientHello.random,
        serverRandom: serverHello.random,
        encryptThenMac: serverHello.encryptThenMac,
      },
      from,
    );
  }

  /** For the sealed handshake of TLS 1.3. */
  handshake13(from: Side): RecordCipher | null {
    const secrets = this.#secrets();
    return this.#tls13(from === 'client' ? secrets?.clientHandshake : secrets?.serverHandshake);
  }

  /** For what follows the Finished of TLS 1.3. */
  traffic13(from: Side): RecordCipher | null {
    const secrets = this.#secrets();
    return this.#tls13(from === 'client' ? secrets?.clientTraffic : secrets?.serverTraffic);
  }

  #masterFromPreMaster(
    clientHello: ClientHelloFacts,
    serverHello: ServerHelloFacts,
    { hash }: Protection,
  ): Uint8Array | undefined {
    const preMaster =
      this.#secrets()?.preMaster ??
      (this.#encryptedPreMaster && this.keyLog?.rsaPreMaster(this.#encryptedPreMaster));
    if (!preMaster || !this.#keyExchanged) return undefined;
    return masterSecret(preMaster, {
      version: serverHello.version,
      hash,
      clientRandom: clientHello.random,
      serverRandom: serverHello.random,
      // Only the server's word counts: a client offers it always.
      transcript: serverHello.extendedMasterSecret ? joined(this.#transcript ?? []) : undefined,
    });
  }

  #secrets(): TlsSecrets | undefined {
    return this.clientHello && this.keyLog?.secretsFor(this.clientHello.random);
  }

  /** A traffic secret is as long as its suite's hash; one of another session may not be. */
  #tls13(secret: Uint8Array | undefined): RecordCipher | null {
    const protection = protectionOf(this.serverHello?.suite ?? 0);
    if (!protection || protection.kind === 'cbc' || !secret) return null;
    return secret.length === SECRET_LENGTH[protection.hash] ? new Tls13Cipher(protection, secret) : null;
  }
}
