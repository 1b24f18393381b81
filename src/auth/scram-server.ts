import { equalBytes, utf8Bytes } from '../base/bytes';
import { bindingInput } from './channel-binding';
import {
  authMessage,
  buildServerFinal,
  buildServerFirst,
  parseClientFinal,
  parseClientFirst,
  type ScramHash,
} from './scram';
import { proofMatches, SCRAM_KEY_LENGTH, type ScramVerifier, scramHash, serverSignature } from './scram-keys';

/** Why a server ends an exchange. The protocol gives it its own code: PostgreSQL a SQLSTATE, MongoDB a number. */
export interface ScramRefusal {
  readonly reason:
    | 'malformed'
    | 'unsupported-binding-type'
    | 'binding-required'
    | 'binding-not-offered'
    | 'binding-downgrade'
    | 'binding-mismatch'
    | 'authzid'
    | 'nonce-mismatch'
    | 'invalid-proof';
  readonly message: string;
}

/** What this server does about channel binding on this connection. */
export interface ServerBinding {
  /** The client chose the `-PLUS` mechanism. */
  readonly plus: boolean;
  /** The hash of our certificate; null when we have no TLS and so offered no `-PLUS`. */
  readonly data: Uint8Array | null;
}

export interface ScramServerOptions {
  readonly hash: ScramHash;
  /** Our part of the nonce, appended to the client's. */
  readonly nonce: string;
  readonly binding?: ServerBinding;
}

export type ClientFirstResult =
  | { readonly ok: true; readonly user: string }
  | { readonly ok: false; readonly refusal: ScramRefusal };

export type ClientFinalResult =
  | { readonly ok: true; readonly serverFinal: Uint8Array }
  | { readonly ok: false; readonly refusal: ScramRefusal };

/**
 * The server's half of one exchange: handleClientFirst → serverFirst → handleClientFinal.
 * The checks and their order are those of PostgreSQL's `auth-scram.c`.
 */
export class ScramServer {
  readonly #hash: ScramHash;
  readonly #ownNonce: string;
  readonly #binding: ServerBinding;
  #bare: Uint8Array = new Uint8Array(0);
  #serverFirst: Uint8Array = new Uint8Array(0);
  #nonce = '';
  #expectedBinding: Uint8Array = new Uint8Array(0);
  #verifier: ScramVerifier | undefined;

  constructor(options: ScramServerOptions) {
    this.#hash = options.hash;
    this.#ownNonce = options.nonce;
    this.#binding = options.binding ?? { plus: false, data: null };
  }

  handleClientFirst(bytes: Uint8Array): ClientFirstResult {
    const { value, issues } = parseClientFirst(bytes);
    if (issues.length > 0) return refuse('malformed', issues[0].message);
    if (value.authzid !== null) return refuse('authzid', 'an authorization identity is not supported');
    const { plus, data } = this.#binding;
    if (value.flag === 'p') {
      if (!plus || data === null) {
        return refuse(
          'binding-not-offered',
          'the client bound the channel without choosing a -PLUS mechanism',
        );
      }
      if (value.binding !== 'tls-server-end-point') {
        return refuse('unsupported-binding-type', `unsupported channel binding type "${value.binding}"`);
      }
      this.#expectedBinding = bindingInput({ flag: 'p', type: 'tls-server-end-point', data });
    } else {
      if (plus) return refuse('binding-required', 'the client chose a -PLUS mechanism without a binding');
      // "y" says the server offered no -PLUS: if it did, someone in between removed it from the list.
      if (value.flag === 'y' && data !== null) {
        return refuse('binding-downgrade', 'the client believes channel binding was not offered, but it was');
      }
      this.#expectedBinding = bindingInput({ flag: value.flag });
    }
    this.#bare = bytes.slice(value.bare.offset);
    this.#nonce = value.nonce + this.#ownNonce;
    return { ok: true, user: value.user };
  }

  /** server-first-message for the verifier of the user; {@link mockVerifier} for one that does not exist. */
  serverFirst(verifier: ScramVerifier): Uint8Array {
    this.#verifier = verifier;
    this.#serverFirst = buildServerFirst(this.#nonce, verifier.salt, verifier.iterations);
    return this.#serverFirst;
  }

  handleClientFinal(bytes: Uint8Array): ClientFinalResult {
    const { value, issues } = parseClientFinal(bytes);
    if (issues.length > 0) return refuse('malformed', issues[0].message);
    if (!equalBytes(value.channelBinding, this.#expectedBinding)) {
      return refuse(
        'binding-mismatch',
        'channel binding check failed: not the same TLS channel or gs2 header',
      );
    }
    if (value.proof.length !== SCRAM_KEY_LENGTH[this.#hash]) {
      return refuse('malformed', `a proof of ${value.proof.length} bytes`);
    }
    if (value.nonce !== this.#nonce)
      return refuse('nonce-mismatch', 'the nonce is not that of this exchange');
    const verifier = this.#verifier;
    const message = authMessage(this.#bare, this.#serverFirst, bytes.subarray(0, value.withoutProof.length));
    const matches =
      verifier !== undefined && proofMatches(this.#hash, verifier.storedKey, message, value.proof);
    if (!matches || verifier.mock) return refuse('invalid-proof', 'the proof does not match the password');
    return {
      ok: true,
      serverFinal: buildServerFinal(serverSignature(this.#hash, verifier.serverKey, message)),
    };
  }
}

/**
 * A verifier for a user who does not exist, so that the exchange looks the same as for one who does: the salt depends on the
 * name and a secret of this server only, so asking twice gives the same one (PostgreSQL `scram_mock_salt`).
 *
 * @param secret random bytes that last as long as the server (PostgreSQL's mock_authentication_nonce).
 * @param saltLength bytes of a real user's salt, at most 32: another length would tell that the user does not exist.
 */
export function mockVerifier(
  hash: ScramHash,
  user: string,
  secret: Uint8Array,
  iterations: number,
  saltLength = 16,
): ScramVerifier {
  const name = utf8Bytes(user);
  const seed = new Uint8Array(name.length + secret.length);
  seed.set(name, 0);
  seed.set(secret, name.length);
  const key = new Uint8Array(SCRAM_KEY_LENGTH[hash]);
  return {
    hash,
    salt: scramHash('sha256', seed).slice(0, saltLength),
    iterations,
    storedKey: key,
    serverKey: key,
    mock: true,
  };
}

function refuse(
  reason: ScramRefusal['reason'],
  message: string,
): { readonly ok: false; readonly refusal: ScramRefusal } {
  return { ok: false, refusal: { reason, message } };
}
