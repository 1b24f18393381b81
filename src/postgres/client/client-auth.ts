import { postgresMd5Response } from '../../auth/md5';
import type { Effect, MachineError, RandomBytes } from '../../base/machine';
import { tlsServerEndPoint } from '../../tls/server-end-point';
import type { BackendMessage, FrontendMessage } from '../messages/message-types';
import { parseRequireAuth, type RequireAuth, requireAuthProblem } from '../options/require-auth';
import type { PostgresClientOptions } from './client-options';
import { ClientScram, SCRAM_SHA_256_PLUS, selectMechanism } from './client-scram';

/** What the client does for its authentication half. */
export interface AuthenticationHost {
  send(message: FrontendMessage): void;
  effect(effect: Effect): void;
  fail(error: MachineError): void;
}

const NO_PASSWORD = 'fe_sendauth: no password supplied';
const DERIVED_LENGTH = 32;

type Request = Exclude<BackendMessage, { name: 'Other' }>;

/** The client's answers to authentication requests (`pg_fe_sendauth`). */
export class ClientAuthentication {
  /** `require_auth`'s name of the method in use; null until the server asked. */
  mechanism: string | null = null;
  /** The request that waits for a password. */
  #pending: Request | null = null;
  #deriving = 0;
  #secure = false;
  #binding: Uint8Array | null = null;
  #certificate = { requested: false, sent: false };
  #scram: ClientScram | null = null;
  #finished = false;
  #asked = false;
  #password: string | undefined;
  #requireAuth: RequireAuth | null = null;

  constructor(
    private readonly options: PostgresClientOptions,
    private readonly random: RandomBytes,
    private readonly host: AuthenticationHost,
  ) {
    this.#password = options.password;
    const parsed = parseRequireAuth(options.requireAuth);
    if (parsed.ok) this.#requireAuth = parsed.value;
    else this.#requireAuth = { text: options.requireAuth ?? '', allowed: new Set() };
  }

  /** An effect is out; the server's next message must wait. */
  get waiting(): boolean {
    return this.#pending !== null || this.#deriving !== 0;
  }

  handleSecure(certificate: Uint8Array | null, requested = false, sent = false): void {
    this.#secure = true;
    this.#certificate = { requested, sent };
    this.#binding = (certificate && tlsServerEndPoint(certificate)) ?? null;
  }

  /** Nobody waits for an answer any more. */
  handleClosed(): void {
    this.#pending = null;
    this.#deriving = 0;
    this.#password ??= '';
  }

  handlePassword(password: string): void {
    const request = this.#pending;
    if (!request) return;
    this.#pending = null;
    this.#password = password;
    this.#answer(request);
  }

  handleDerived(id: number, key: Uint8Array): void {
    if (id !== this.#deriving || !this.#scram) return;
    this.#deriving = 0;
    this.host.send({ name: 'SASLResponse', data: this.#scram.finish(key) });
  }

  /** Answers a request; false when it failed. */
  handleRequest(request: Request): boolean {
    const problem = this.#problem(request);
    if (problem) {
      this.host.fail({ from: 'client', ...problem });
      return false;
    }
    return this.#answer(request);
  }

  #answer(request: Request): boolean {
    switch (request.name) {
      case 'AuthenticationOk':
        this.mechanism ??= 'trust';
        return true;
      case 'AuthenticationCleartextPassword':
      case 'AuthenticationMD5Password':
        return this.#answerPassword(request);
      case 'AuthenticationSASL':
        return this.#answerSasl(request);
      case 'AuthenticationSASLContinue':
        return this.#continueSasl(request.data);
      case 'AuthenticationSASLFinal':
        return this.#finishSasl(request.data);
      case 'AuthenticationGSS':
        this.mechanism = 'gss';
        return this.#fail('AUTH_UNSUPPORTED', 'GSSAPI authentication not supported');
      case 'AuthenticationSSPI':
        this.mechanism = 'sspi';
        return this.#fail('AUTH_UNSUPPORTED', 'SSPI authentication not supported');
      case 'AuthenticationKerberosV5':
        return this.#fail('AUTH_UNSUPPORTED', 'Kerberos 5 authentication not supported');
      default:
        return this.#fail('PROTOCOL_VIOLATION', `unexpected ${request.name} during authentication`);
    }
  }

  #answerPassword(request: Extract<Request, { name: `Authentication${string}Password` }>): boolean {
    this.mechanism = request.name === 'AuthenticationMD5Password' ? 'md5' : 'password';
    const password = this.#havePassword(request);
    if (password === null) return !this.#lacking;
    const { user } = this.options;
    const text =
      request.name === 'AuthenticationMD5Password'
        ? postgresMd5Response(user, password, request.salt)
        : password;
    this.host.send({ name: 'PasswordMessage', password: text });
    this.#finished = true;
    return true;
  }

  #answerSasl(request: Extract<Request, { name: 'AuthenticationSASL' }>): boolean {
    const channelBinding = this.options.channelBinding ?? 'prefer';
    const selection = selectMechanism(request.mechanisms, { secure: this.#secure, channelBinding });
    if (!selection.ok) return this.#fail('AUTH_UNSUPPORTED', selection.message);
    this.mechanism = selection.mechanism.toLowerCase();
    if (this.#requireAuth && !this.#requireAuth.allowed.has('scram-sha-256')) {
      const asked = `server requested ${selection.mechanism} authentication`;
      return this.#fail(
        'REQUIRE_AUTH',
        `authentication method requirement "${this.#requireAuth.text}" failed: ${asked}`,
      );
    }
    const password = this.#havePassword(request);
    if (password === null) return !this.#lacking;
    const offered = request.mechanisms.includes(SCRAM_SHA_256_PLUS);
    const couldBind = this.#secure && channelBinding !== 'disable' && !offered;
    const scram = new ClientScram(password, this.random, selection.mechanism, this.#binding, couldBind);
    this.#scram = scram;
    this.host.send({
      name: 'SASLInitialResponse',
      mechanism: selection.mechanism,
      response: scram.clientFirst(),
    });
    return true;
  }

  #continueSasl(data: Uint8Array): boolean {
    const scram = this.#scram;
    if (!scram)
      return this.#fail('PROTOCOL_VIOLATION', 'AuthenticationSASLContinue without AuthenticationSASL');
    const first = scram.handleServerFirst(data);
    if (!first.ok) {
      this.host.fail(first.error);
      return false;
    }
    // libpq finds out only here (`pgtls_get_peer_certificate_hash`): Ed25519 and Ed448 name no hash function.
    if (scram.mechanism === SCRAM_SHA_256_PLUS && this.#binding === null)
      return this.#fail('CHANNEL_BINDING_HASH', 'could not find digest for NID UNDEF');
    this.#deriving = 1;
    this.host.effect({
      type: 'derive',
      id: 1,
      hash: 'sha256',
      password: scram.password,
      salt: first.salt,
      iterations: first.iterations,
      length: DERIVED_LENGTH,
    });
    return true;
  }

  #finishSasl(data: Uint8Array): boolean {
    const error = this.#scram?.handleServerFinal(data);
    if (error) {
      this.host.fail(error);
      return false;
    }
    this.#finished = true;
    return true;
  }

  /** The password, or null: then it was asked for, or there is none and the attempt failed. */
  #havePassword(request: Request): string | null {
    if (this.#password === undefined && !this.#asked) {
      this.#asked = true;
      this.#pending = request;
      this.host.effect({ type: 'askPassword' });
      return null;
    }
    if (!this.#password) {
      this.#lacking = true;
      this.#fail('NO_PASSWORD', NO_PASSWORD);
      return null;
    }
    return this.#password;
  }

  #lacking = false;

  /** What forbids answering this request at all (`check_expected_areq`). */
  #problem(request: Request): { readonly code: string; readonly message: string } | null {
    const certificate = request.name === 'AuthenticationOk' ? this.#certificateProblem() : null;
    if (certificate) return { code: 'SSLCERTMODE', message: certificate };
    const required = requireAuthProblem(this.#requireAuth, request.name, this.#finished);
    if (required) return { code: 'REQUIRE_AUTH', message: required };
    if (this.options.channelBinding !== 'require' || request.name.startsWith('AuthenticationSASL'))
      return null;
    if (request.name !== 'AuthenticationOk') {
      const message = "channel binding required but not supported by server's authentication request";
      return { code: 'CHANNEL_BINDING', message };
    }
    if (this.#scram?.verified && this.#scram.mechanism === SCRAM_SHA_256_PLUS) return null;
    const message = 'channel binding required, but server authenticated client without channel binding';
    return { code: 'CHANNEL_BINDING', message };
  }

  /** What sslcertmode=require has to say (`check_expected_areq`). */
  #certificateProblem(): string | null {
    if (!this.options.requireCertificate) return null;
    if (!this.#certificate.requested) return 'server did not request an SSL certificate';
    return this.#certificate.sent ? null : 'server accepted connection without a valid SSL certificate';
  }

  #fail(code: string, message: string): boolean {
    this.host.fail({ from: 'client', code, message });
    return false;
  }
}
