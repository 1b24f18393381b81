import { equalBytes } from '../base/bytes';
import type { MachineError } from '../base/machine';
import { bindingInput, type ChannelBinding, gs2HeaderOf } from './channel-binding';
import {
  appendProof,
  authMessage,
  buildClientFinalWithoutProof,
  buildClientFirst,
  parseServerFinal,
  parseServerFirst,
  type ScramHash,
} from './scram';
import { clientProof, serverKeyOf, serverSignature } from './scram-keys';

export interface ScramClientOptions {
  readonly hash: ScramHash;
  /** As it goes on the wire before escaping. PostgreSQL's client leaves it empty: the startup packet named the user. */
  readonly user: string;
  /** Printable ASCII without a comma; libpq uses the base64 of 18 random bytes, MongoDB's drivers of 24 or 32. */
  readonly nonce: string;
  readonly binding?: ChannelBinding;
  /** Fewest and most iterations accepted. MongoDB's drivers ask for 4,096 at least, libpq for 1. */
  readonly minIterations?: number;
  readonly maxIterations?: number;
}

/** A server that asks for more rounds than this wants to stall its client; the largest in real use are below 1 M. */
const DEFAULT_MAX_ITERATIONS = 10_000_000;

/** What PBKDF2 needs, or why the client will not go on. */
export type ServerFirstResult =
  | { readonly ok: true; readonly salt: Uint8Array; readonly iterations: number }
  | { readonly ok: false; readonly error: MachineError };

/** The client's half of one SCRAM exchange: clientFirst → handleServerFirst → finish → handleServerFinal. */
export class ScramClient {
  readonly #options: ScramClientOptions;
  readonly #binding: ChannelBinding;
  #bare: Uint8Array = new Uint8Array(0);
  #serverFirst: Uint8Array = new Uint8Array(0);
  #nonce = '';
  #signature: Uint8Array = new Uint8Array(0);

  constructor(options: ScramClientOptions) {
    this.#options = options;
    this.#binding = options.binding ?? { flag: 'n' };
  }

  /** client-first-message. */
  clientFirst(): Uint8Array {
    const header = gs2HeaderOf(this.#binding);
    const message = buildClientFirst(header, this.#options.user, this.#options.nonce);
    this.#bare = message.slice(header.length);
    return message;
  }

  /** Reads server-first-message; its nonce must start with ours and be longer. */
  handleServerFirst(bytes: Uint8Array): ServerFirstResult {
    const { value, issues } = parseServerFirst(bytes);
    if (value.mandatoryExtension) {
      return refuse('SCRAM_EXTENSION', 'the server requires a SCRAM extension that no client knows');
    }
    if (issues.length > 0) {
      return refuse('SCRAM_MALFORMED', `malformed SCRAM server-first message: ${issues[0].message}`);
    }
    const { nonce } = this.#options;
    if (!value.nonce.startsWith(nonce) || value.nonce.length === nonce.length) {
      return refuse('SCRAM_NONCE_MISMATCH', 'invalid SCRAM response: the nonce does not continue ours');
    }
    const least = this.#options.minIterations ?? 1;
    const most = this.#options.maxIterations ?? DEFAULT_MAX_ITERATIONS;
    if (value.iterations < least || value.iterations > most) {
      return {
        ok: false,
        error: {
          from: 'client',
          code: 'SCRAM_BAD_ITERATIONS',
          message: `the server asks for ${value.iterations} SCRAM iterations, outside ${least} to ${most}`,
          expected: `${least} to ${most}`,
          got: String(value.iterations),
        },
      };
    }
    this.#serverFirst = bytes.slice();
    this.#nonce = value.nonce;
    return { ok: true, salt: value.salt.slice(), iterations: value.iterations };
  }

  /**
   * client-final-message, after {@link handleServerFirst} was ok.
   * @param saltedPassword PBKDF2-HMAC of the prepared password, `SCRAM_KEY_LENGTH` bytes.
   */
  finish(saltedPassword: Uint8Array): Uint8Array {
    const { hash } = this.#options;
    const withoutProof = buildClientFinalWithoutProof(bindingInput(this.#binding), this.#nonce);
    const message = authMessage(this.#bare, this.#serverFirst, withoutProof);
    this.#signature = serverSignature(hash, serverKeyOf(hash, saltedPassword), message);
    return appendProof(withoutProof, clientProof(hash, saltedPassword, message));
  }

  /** The signature that proves the server knows the password too; empty before {@link finish}. */
  get expectedSignature(): Uint8Array {
    return this.#signature;
  }

  /** Reads server-final-message; null when the server proved itself. */
  handleServerFinal(bytes: Uint8Array): MachineError | null {
    const { value, issues } = parseServerFinal(bytes);
    if (value.error !== null) {
      return {
        from: 'server',
        code: 'SCRAM_SERVER_ERROR',
        message: `the server ended the SCRAM exchange with "${value.error}"`,
      };
    }
    if (issues.length > 0 || value.signature === null) {
      const why = issues[0]?.message ?? 'no signature';
      return refuse('SCRAM_MALFORMED', `malformed SCRAM server-final message: ${why}`).error;
    }
    if (this.#signature.length === 0 || !equalBytes(value.signature, this.#signature)) {
      return refuse(
        'SCRAM_BAD_SIGNATURE',
        'incorrect server signature: the server does not know the password',
      ).error;
    }
    return null;
  }
}

function refuse(code: string, message: string): { readonly ok: false; readonly error: MachineError } {
  return { ok: false, error: { from: 'client', code, message } };
}
