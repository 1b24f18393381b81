import { toBase64 } from '../../auth/base64';
import { postgresMd5FromStored, postgresMd5Stored } from '../../auth/md5';
import { parsePostgresVerifier } from '../../auth/postgres-verifier';
import { postgresPassword } from '../../auth/saslprep';
import { SCRAM_KEY_LENGTH, type ScramVerifier, verifierFromSalted } from '../../auth/scram-keys';
import { mockVerifier, type ScramRefusal, ScramServer } from '../../auth/scram-server';
import { equalBytes, utf8Bytes } from '../../base/bytes';
import type { RandomBytes } from '../../base/machine';
import { tlsServerEndPoint } from '../../tls/server-end-point';
import { SCRAM_SHA_256, SCRAM_SHA_256_PLUS } from '../client/client-scram';
import type { BackendMessage, FrontendMessage } from '../messages/message-types';
import type { BackendEffect, HbaMethod, PostgresServer, Role } from './backend-options';
import { finalComplaint, firstComplaint, type ScramContext } from './scram-complaint';

/** The client's certificate as TLS saw it. */
export interface PeerCertificate {
  /** One came, and it verifies against the server's authorities. */
  readonly valid: boolean;
  readonly commonName: string | null;
}

/** Who is being authenticated, and what the line of pg_hba.conf wants of a certificate. */
export interface AuthenticatedClient {
  readonly user: string;
  readonly secure: boolean;
  readonly peer: PeerCertificate;
  readonly clientCert?: 'verify-ca' | 'verify-full';
}

/** What the backend does for its authentication half. */
export interface BackendAuthHost {
  send(message: BackendMessage): void;
  effect(effect: BackendEffect): void;
  /** Authentication is complete. */
  accepted(): void;
  /** FATAL; the client gets these words and the detail. `log` goes to the server's log only. */
  rejected(code: string, message: string, log?: string, extra?: { readonly detail?: string }): void;
}

/** `SCRAM_SHA_256_DEFAULT_ITERATIONS` and `SCRAM_RAW_NONCE_LEN`. */
const ITERATIONS = 4096;
const NONCE_BYTES = 18;
const PROTOCOL_VIOLATION = '08P01';
const INVALID_PASSWORD = '28P01';

/** Hashed once: the certificate stays the same until a reload. */
const endPoints = new WeakMap<Uint8Array, Uint8Array | null>();

function endPointOf(certificate: Uint8Array): Uint8Array | null {
  const known = endPoints.get(certificate);
  if (known !== undefined) return known;
  const made = tlsServerEndPoint(certificate) ?? null;
  endPoints.set(certificate, made);
  return made;
}

/** The backend's half of password, md5 and SCRAM authentication (`auth.c`, `auth-scram.c`). */
export class BackendAuthentication {
  private readonly user: string;
  readonly #role: Role | undefined;
  #salt: Uint8Array = new Uint8Array(0);
  #scram: ScramServer | null = null;
  #context: ScramContext = { plus: false, secure: false };
  /** Channel binding flag of the client's first message. */
  #flag = '';
  #method: HbaMethod = 'trust';
  #derivingFor: ScramVerifier | null = null;

  constructor(
    private readonly server: PostgresServer,
    private readonly client: AuthenticatedClient,
    private readonly random: RandomBytes,
    private readonly host: BackendAuthHost,
  ) {
    this.user = client.user;
    this.#role = server.roles.find((role) => role.name === client.user);
  }

  /** A slow computation is out; the client's next message must wait. */
  get waiting(): boolean {
    return this.#derivingFor !== null;
  }

  /** Sends the method's first request; `trust` is accepted at once. */
  start(method: HbaMethod): void {
    this.#method = method;
    if (this.client.clientCert) {
      if (!this.server.clientCertificates) {
        const store = 'client certificates can only be checked if a root certificate store is available';
        this.host.rejected('F0000', store);
        return;
      }
      if (!this.client.peer.valid) {
        this.host.rejected('28000', 'connection requires a valid client certificate');
        return;
      }
    }
    switch (method) {
      case 'trust':
      // The certificate is all there is to see (`uaCert` of `ClientAuthentication`).
      case 'cert':
        this.#accept();
        return;
      case 'password':
        this.host.send({ name: 'AuthenticationCleartextPassword' });
        return;
      case 'md5':
        // With a SCRAM verifier, or none, `md5` means SCRAM (CheckPWChallengeAuth).
        if (this.#role?.password?.startsWith('md5')) {
          this.#salt = this.random(4);
          this.host.send({ name: 'AuthenticationMD5Password', salt: this.#salt });
        } else {
          this.#startSasl();
        }
        return;
      case 'scram-sha-256':
        this.#startSasl();
        return;
      case 'reject':
        return;
    }
  }

  handleMessage(message: FrontendMessage): void {
    switch (message.name) {
      case 'PasswordMessage':
        this.#handlePassword(message.password);
        return;
      case 'SASLInitialResponse':
        this.#handleInitial(message.mechanism, message.response);
        return;
      case 'SASLResponse':
        this.#handleFinal(message.data);
        return;
      default:
        this.host.rejected(PROTOCOL_VIOLATION, `expected password response, got ${message.name}`);
    }
  }

  handleDerived(key: Uint8Array): void {
    const stored = this.#derivingFor;
    if (!stored) return;
    this.#derivingFor = null;
    const made = verifierFromSalted('sha256', key, stored.salt, stored.iterations);
    this.#decide(equalBytes(made.storedKey, stored.storedKey));
  }

  #handlePassword(password: string): void {
    if (password === '') {
      this.host.rejected(INVALID_PASSWORD, 'empty password returned by client');
      return;
    }
    const stored = this.#role?.password;
    if (!stored) {
      this.#decide(false);
    } else if (this.#method === 'md5') {
      this.#decide(equalBytes(utf8Bytes(postgresMd5FromStored(stored, this.#salt)), utf8Bytes(password)));
    } else if (stored.startsWith('md5')) {
      this.#decide(equalBytes(utf8Bytes(postgresMd5Stored(this.user, password)), utf8Bytes(stored)));
    } else {
      this.#deriveFrom(password, stored);
    }
  }

  /** The password in clear text against a SCRAM verifier (`scram_verify_plain_password`). */
  #deriveFrom(password: string, stored: string): void {
    const verifier = parsePostgresVerifier(stored);
    if (!verifier) {
      this.#decide(false);
      return;
    }
    this.#derivingFor = verifier;
    this.host.effect({
      type: 'derive',
      id: 1,
      hash: 'sha256',
      password: postgresPassword(password),
      salt: verifier.salt,
      iterations: verifier.iterations,
      length: SCRAM_KEY_LENGTH.sha256,
    });
  }

  get #endPoint(): Uint8Array | null {
    const { certificate } = this.server;
    return this.client.secure && certificate ? endPointOf(certificate) : null;
  }

  #startSasl(): void {
    // -PLUS first: the list is in order of preference (scram_get_mechanisms).
    const mechanisms = this.#endPoint ? [SCRAM_SHA_256_PLUS, SCRAM_SHA_256] : [SCRAM_SHA_256];
    this.host.send({ name: 'AuthenticationSASL', mechanisms });
  }

  #handleInitial(mechanism: string, response: Uint8Array | null): void {
    const endPoint = this.#endPoint;
    const plus = mechanism === SCRAM_SHA_256_PLUS && endPoint !== null;
    if (!plus && mechanism !== SCRAM_SHA_256) {
      this.host.rejected(PROTOCOL_VIOLATION, 'client selected an invalid SASL authentication mechanism');
      return;
    }
    this.#context = { plus, secure: endPoint !== null };
    if (response === null) {
      // A mechanism without a first message of the client's: it is asked for (`scram_exchange`).
      this.host.send({ name: 'AuthenticationSASLContinue', data: new Uint8Array(0) });
      return;
    }
    this.#handleFirst(response);
  }

  #handleFirst(response: Uint8Array): void {
    const endPoint = this.#endPoint;
    const { plus } = this.#context;
    const complaint = firstComplaint(response, this.#context);
    if (complaint) {
      this.host.rejected(complaint.code, complaint.message, complaint.detail, complaint);
      return;
    }
    this.#flag = String.fromCharCode(response[0]);
    const nonce = toBase64(this.random(NONCE_BYTES));
    const scram = new ScramServer({ hash: 'sha256', nonce, binding: { plus, data: endPoint } });
    const first = scram.handleClientFirst(response);
    if (!first.ok) {
      this.#refuse(first.refusal);
      return;
    }
    this.#scram = scram;
    const data = scram.serverFirst(this.#verifier());
    this.host.send({ name: 'AuthenticationSASLContinue', data });
  }

  /** The role's verifier, or a made-up one that no proof matches, so that a client cannot tell (`mock_scram_secret`). */
  #verifier(): ScramVerifier {
    const stored = this.#role?.password ? parsePostgresVerifier(this.#role.password) : undefined;
    return stored ?? mockVerifier('sha256', this.user, this.server.mockSecret, ITERATIONS);
  }

  #handleFinal(response: Uint8Array): void {
    if (!this.#scram) {
      this.#handleFirst(response);
      return;
    }
    const complaint = finalComplaint(response, this.#context, this.#flag);
    if (complaint) {
      this.host.rejected(complaint.code, complaint.message, complaint.detail, complaint);
      return;
    }
    const final = this.#scram.handleClientFinal(response);
    if (final.ok) {
      this.host.send({ name: 'AuthenticationSASLFinal', data: final.serverFinal });
      this.#accept();
    } else {
      this.#refuse(final.refusal);
    }
  }

  #refuse(refusal: ScramRefusal): void {
    switch (refusal.reason) {
      case 'invalid-proof':
        this.#decide(false);
        return;
      case 'binding-mismatch':
        this.host.rejected('28000', 'SCRAM channel binding check failed');
        return;
      case 'binding-downgrade':
        this.host.rejected('28000', 'SCRAM channel binding negotiation error', refusal.message);
        return;
      case 'authzid':
        this.host.rejected('0A000', 'client uses authorization identity, but it is not supported');
        return;
      default:
        this.host.rejected(PROTOCOL_VIOLATION, 'malformed SCRAM message', refusal.message);
    }
  }

  #decide(right: boolean): void {
    if (right) {
      this.#accept();
      return;
    }
    this.host.rejected(
      INVALID_PASSWORD,
      `password authentication failed for user "${this.user}"`,
      this.#reason(),
    );
  }

  /** The last word is the certificate's name, where the line asks for it (`CheckCertAuth`). */
  #accept(): void {
    const { clientCert, peer } = this.client;
    if (clientCert !== 'verify-full' || peer.commonName === this.user) {
      this.host.accepted();
      return;
    }
    const log = peer.commonName
      ? `The client certificate is for "${peer.commonName}".`
      : 'The client certificate contains no user name.';
    if (this.#method === 'cert' || this.#method === 'trust') {
      const method = this.#method === 'cert' ? 'certificate' : '"trust"';
      this.host.rejected('28000', `${method} authentication failed for user "${this.user}"`, log);
    } else {
      this.host.rejected(INVALID_PASSWORD, `password authentication failed for user "${this.user}"`, log);
    }
  }

  /** What only the log says. */
  #reason(): string {
    if (!this.#role) return `Role "${this.user}" does not exist.`;
    if (this.#role.password === null) return `User "${this.user}" has no password assigned.`;
    if (this.#method === 'scram-sha-256' && !this.#role.password.startsWith('SCRAM-SHA-256$')) {
      return `User "${this.user}" does not have a valid SCRAM secret.`;
    }
    return `Password does not match for user "${this.user}".`;
  }
}
