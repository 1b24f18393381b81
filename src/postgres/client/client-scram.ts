import { toBase64 } from '../../auth/base64';
import { postgresPassword } from '../../auth/saslprep';
import { ScramClient, type ServerFirstResult } from '../../auth/scram-client';
import type { RandomBytes } from '../../base/machine';
import type { ChannelBindingMode } from '../options/option-values';

/** The two SCRAM mechanisms of PostgreSQL (RFC 7677). */
export const SCRAM_SHA_256 = 'SCRAM-SHA-256';
export const SCRAM_SHA_256_PLUS = 'SCRAM-SHA-256-PLUS';

/** More rounds than any server has reason to ask for; deriving them would only hang the client. */
const MAX_SCRAM_ITERATIONS = 10_000_000;

/** Bytes of randomness in libpq's nonce (`SCRAM_RAW_NONCE_LEN`). */
const NONCE_BYTES = 18;

export type Selection =
  | { readonly ok: true; readonly mechanism: string }
  | { readonly ok: false; readonly message: string };

export interface SelectionContext {
  readonly secure: boolean;
  readonly channelBinding: ChannelBindingMode;
}

/** The mechanism libpq takes from the server's list (`pg_SASL_init`). */
export function selectMechanism(offered: readonly string[], context: SelectionContext): Selection {
  const { secure, channelBinding } = context;
  if (channelBinding === 'require' && !secure) {
    return { ok: false, message: 'channel binding required, but SSL not in use' };
  }
  if (offered.includes(SCRAM_SHA_256_PLUS) && !secure) {
    const message = `server offered ${SCRAM_SHA_256_PLUS} authentication over a non-SSL connection`;
    return { ok: false, message };
  }
  const plus = offered.includes(SCRAM_SHA_256_PLUS) && channelBinding !== 'disable';
  if (plus) return { ok: true, mechanism: SCRAM_SHA_256_PLUS };
  if (!offered.includes(SCRAM_SHA_256)) {
    return { ok: false, message: "none of the server's SASL authentication mechanisms are supported" };
  }
  if (channelBinding === 'require') {
    const why = 'server did not offer an authentication method that supports channel binding';
    return { ok: false, message: `channel binding is required, but ${why}` };
  }
  return { ok: true, mechanism: SCRAM_SHA_256 };
}

/** One SCRAM exchange of the client: which binding flag, and whether the server has proved itself. */
export class ClientScram {
  readonly password: Uint8Array;
  /** The server's signature was right. */
  verified = false;
  readonly #client: ScramClient;

  /** @param binding hash of the server's certificate, null without one: with `-PLUS` the exchange then ends before the proof. @param couldBind we could, the server did not offer. */
  constructor(
    password: string,
    random: RandomBytes,
    readonly mechanism: string,
    binding: Uint8Array | null,
    couldBind: boolean,
  ) {
    this.password = postgresPassword(password);
    const flag = couldBind ? 'y' : 'n';
    this.#client = new ScramClient({
      hash: 'sha256',
      user: '',
      nonce: toBase64(random(NONCE_BYTES)),
      binding:
        mechanism === SCRAM_SHA_256_PLUS
          ? { flag: 'p', type: 'tls-server-end-point', data: binding ?? new Uint8Array(0) }
          : { flag },
      minIterations: 1,
      maxIterations: MAX_SCRAM_ITERATIONS,
    });
  }

  clientFirst(): Uint8Array {
    return this.#client.clientFirst();
  }

  handleServerFirst(data: Uint8Array): ServerFirstResult {
    return this.#client.handleServerFirst(data);
  }

  finish(saltedPassword: Uint8Array): Uint8Array {
    return this.#client.finish(saltedPassword);
  }

  /** Null when the server proved that it knows the password. */
  handleServerFinal(data: Uint8Array): ReturnType<ScramClient['handleServerFinal']> {
    const error = this.#client.handleServerFinal(data);
    if (!error) this.verified = true;
    return error;
  }
}
