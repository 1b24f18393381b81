import type { Side } from '../base/mark';
import { tls12Cipher } from './decrypt-12';
import { Tls13Cipher } from './decrypt-13';
import type { ClientHello, ServerHello } from './hello';
import type { KeyLog, TlsSecrets } from './keylog';
import { protectionOf, type RecordCipher, SECRET_LENGTH } from './protection';

/** Makes the record ciphers of one session from the key log; null wherever a secret is not known. */
export class SessionKeys {
  clientHello: ClientHello | undefined;
  serverHello: ServerHello | undefined;

  constructor(private readonly keyLog: KeyLog | undefined) {}

  /** For what `from` sends after its ChangeCipherSpec in TLS 1.2 and older. */
  tls12(from: Side): RecordCipher | null {
    const { clientHello, serverHello } = this;
    const masterSecret = this.#secrets()?.master;
    const protection = serverHello && protectionOf(serverHello.suite);
    if (!clientHello || !serverHello || !masterSecret || !protection) return null;
    return tls12Cipher(
      {
        version: serverHello.version,
        protection,
        masterSecret,
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
