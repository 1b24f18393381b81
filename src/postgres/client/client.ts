import { concat, utf8 } from '../../base/bytes';
import type { Effect, Machine, MachineError, RandomBytes, TlsOutcome } from '../../base/machine';
import { LIMITS, PROTOCOL_3_0, type ProtocolVersion } from '../constants';
import { type ServerError, serverError } from '../messages/error-fields';
import { frameTyped, typeName } from '../messages/frame';
import { parseBackend } from '../messages/message-backend';
import { buildFrontend } from '../messages/message-build';
import type { BackendMessage, FrontendMessage } from '../messages/message-types';
import { type Phase, phaseInfo } from '../phases';
import { type EventName, transition } from '../transitions';
import { type TargetQuery, targetAnswer, targetProblem, targetQuery } from './check-target';
import { ClientAuthentication } from './client-auth';
import { alpnProblem, badLength, limitOf } from './client-checks';
import { gssAnswer, sslAnswer } from './client-encryption';
import { type ClientFailure, illegalMessage, serverFailure } from './client-failure';
import type { FailureKind, PostgresClientOptions } from './client-options';
import { cancelKeyProblem, negotiationProblem, startupMessage } from './client-startup';

/** Servers report some twenty; what one makes up beyond these is not kept. */
const MAX_PARAMETERS = 1_000;

/**
 * libpq's side of one connection attempt (`PQconnectPoll`), without sockets, clock or random source. Legality comes from the
 * transition table; here are the choices: what to ask for, which mechanism, what to believe.
 */
export class PostgresClient implements Machine {
  /** Run-time parameters the server reported. */
  readonly parameters = new Map<string, string>();
  /** What a CancelRequest for this session needs; null before BackendKeyData. */
  backendKey: { readonly processId: number; readonly secretKey: Uint8Array } | null = null;
  /** Set when the attempt failed. */
  failure: ClientFailure | null = null;
  #phase: Phase = 'needed';
  #secure = false;
  #version: ProtocolVersion;
  #negotiated = false;
  /** The query about the server's role that waits for its answer. */
  #asked: { readonly query: TargetQuery; value: string | null } | null = null;
  #input: Uint8Array = new Uint8Array(0);
  readonly #effects: Effect[] = [];
  readonly #auth: ClientAuthentication;

  constructor(
    readonly options: PostgresClientOptions,
    random: RandomBytes,
  ) {
    this.#version = options.maxProtocolVersion ?? PROTOCOL_3_0;
    this.#auth = new ClientAuthentication(options, random, {
      send: (message) => this.#send(message),
      effect: (effect) => this.#effects.push(effect),
      fail: (error) => this.#fail('final', error),
    });
  }

  /** libpq's name of the state, internal ones included. */
  get state(): string {
    return phaseInfo(this.#phase).client;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** The name of the method that authenticated us, as `require_auth` names it; null before the server asked. */
  get mechanism(): string | null {
    return this.#auth.mechanism;
  }

  get protocolVersion(): ProtocolVersion {
    return this.#version;
  }

  pollEffect(): Effect | undefined {
    return this.#effects.shift();
  }

  /** The driver called connect(); optional. */
  handleConnecting(): void {
    if (this.#phase === 'needed') this.#move('client', 'SYN');
  }

  handleConnected(): void {
    this.handleConnecting();
    if (this.#phase !== 'started') return;
    this.#move('server', 'SYN+ACK');
    if (this.options.requirePeer) {
      this.#refuse('REQUIRE_PEER', 'requirepeer parameter is not supported on this platform');
      return;
    }
    this.#request();
  }

  /** TCP could not be opened: refused, unreachable, timed out. */
  handleConnectFailed(error: MachineError): void {
    if (this.#over) return;
    this.#fail('transport', error);
  }

  handleBytes(bytes: Uint8Array): void {
    if (this.#over) return;
    if (this.#phase === 'tls') {
      this.#surplus();
      return;
    }
    this.#input = this.#input.length === 0 ? bytes.slice() : concat(this.#input, bytes);
    this.#advance();
  }

  handleTls(outcome: TlsOutcome): void {
    if (this.#phase !== 'tls') return;
    if (!outcome.ok) {
      const error = outcome.error ?? {
        from: 'client',
        code: 'TLS_FAILED',
        message: 'the TLS handshake failed',
      };
      this.#fail('tls', error);
      return;
    }
    const alpn = alpnProblem(outcome.alpn, this.options.encryption === 'direct');
    if (alpn) {
      this.#fail('tls', { from: 'client', code: 'TLS_ALPN', message: alpn });
      return;
    }
    this.#secure = true;
    const { peerCertificate, certificateRequested, certificateSent } = outcome;
    this.#auth.handleSecure(peerCertificate, certificateRequested, certificateSent);
    this.#move('local', 'TLS established');
    this.#request();
  }

  handleDerived(id: number, key: Uint8Array): void {
    if (this.#over) return;
    this.#auth.handleDerived(id, key);
    this.#advance();
  }

  handlePassword(password: string): void {
    if (this.#over) return;
    this.#auth.handlePassword(password);
    this.#advance();
  }

  /** No timers of its own: connect_timeout is the driver's, which knows how many attempts share it. */
  handleTimer(): void {}

  handleClosed(): void {
    if (this.#phase === 'cancel-sent') {
      this.#move('server', 'FIN');
      this.#effects.push({ type: 'ready' }, { type: 'close' });
      return;
    }
    if (this.#over) return;
    // An error may have come while a password was asked for or a key derived: it says why.
    this.#auth.handleClosed();
    this.#advance();
    if (this.#over) return;
    if (this.#phase === 'tls') {
      const message = 'the server closed the connection during the TLS handshake';
      this.#fail('tls', { from: 'server', code: 'TLS_CLOSED', message });
      return;
    }
    this.#fail('final', {
      from: 'server',
      code: 'SERVER_CLOSED',
      message: `server closed the connection unexpectedly in ${this.state}`,
    });
  }

  /** Ends a session politely: Terminate, then close (`sendTerminateConn`). */
  terminate(): void {
    if (this.#phase === 'ready') this.#send({ name: 'Terminate' });
    this.#effects.push({ type: 'close' });
  }

  get #over(): boolean {
    return this.failure !== null || this.#phase === 'ready' || this.#phase === 'cancelled';
  }

  /** CONNECTION_MADE: the next request, or the startup packet. */
  #request(): void {
    const { encryption, requestGss, cancel } = this.options;
    if (requestGss && this.#phase === 'made') {
      this.#send({ name: 'GSSENCRequest' });
    } else if (encryption === 'direct' && !this.#secure) {
      this.#move('client', 'ClientHello');
      this.#effects.push({ type: 'startTls' });
    } else if (encryption === 'ssl' && (this.#phase === 'made' || this.#phase === 'made-gss-refused')) {
      this.#send({ name: 'SSLRequest' });
    } else if (cancel) {
      this.#send({ name: 'CancelRequest', ...cancel });
    } else {
      this.#send(startupMessage(this.options));
    }
  }

  /** Reads as many messages as are there and may be read now. */
  #advance(): void {
    while (!this.#over && !this.#auth.waiting && this.#input.length > 0 && this.#readOne()) {
      // Each turn consumed at least one byte.
    }
  }

  #readOne(): boolean {
    const { client } = phaseInfo(this.#phase);
    if (client === 'CONNECTION_SSL_STARTUP') return this.#readEncryptionAnswer('SSLResponse');
    if (this.#asked) return this.#readTargetAnswer();
    if (client === 'CONNECTION_GSS_STARTUP') return this.#readEncryptionAnswer('GSSENCResponse');
    return this.#readMessage();
  }

  /** One byte answers SSLRequest or GSSENCRequest, unless something else is there. */
  #readEncryptionAnswer(answers: 'SSLResponse' | 'GSSENCResponse'): boolean {
    const byte = this.#take(1)[0];
    const answer =
      answers === 'SSLResponse' ? sslAnswer(byte, this.options.plainAfterRefusal) : gssAnswer(byte);
    if (answer.event) this.#move('server', answer.event);
    if (answer.failure) this.#fail(answer.failure.kind, answer.failure.error);
    else if (answer.next === 'request') this.#request();
    else if (this.#input.length > 0) this.#surplus();
    else this.#effects.push({ type: 'startTls' });
    return true;
  }

  /** CVE-2021-23222: bytes that came in the clear must not be taken for bytes from inside TLS. */
  #surplus(): void {
    this.#refuse('SSL_SURPLUS', 'received unencrypted data after SSL response');
  }

  #readMessage(): boolean {
    const type = this.#input[0];
    const awaiting = this.#phase !== 'auth-ok';
    const letter = String.fromCharCode(type);
    if (awaiting && letter !== 'R' && letter !== 'E' && letter !== 'v') {
      const got = typeName(type);
      const message = `expected authentication request from server, but received ${got}`;
      this.#refuse('NOT_POSTGRES', message, "'R', 'E' or 'v'", got);
      return true;
    }
    const limit = limitOf(letter, awaiting);
    const framing = frameTyped(this.#input, limit);
    if (framing.kind === 'more') return false;
    if (framing.kind === 'bad') {
      if (awaiting && letter === 'E') return this.#readOldError();
      this.#refuse('SYNC_LOST', badLength(letter, awaiting, framing.declared));
      return true;
    }
    const decoded = parseBackend(this.#take(framing.length));
    if (!decoded.value) {
      const message = `received invalid ${decoded.title}: ${decoded.issues[0].message}`;
      this.#refuse('PROTOCOL_VIOLATION', message);
      return true;
    }
    this.#handleMessage(decoded.value);
    return true;
  }

  /** An error of a server before protocol 3.0, or of something else: text up to a NUL. */
  #readOldError(): boolean {
    const nul = this.#input.indexOf(0, 1);
    if (nul < 0 && this.#input.length <= LIMITS.errorResponse.max) return false;
    const message = 'received an error message in a format older than protocol 3.0, or not from PostgreSQL';
    this.#refuse('NOT_POSTGRES', message);
    return true;
  }

  #handleMessage(message: BackendMessage): void {
    // May come whenever a session is there; nobody listens yet (`pqParseInput3`, getNotify).
    if (this.#phase === 'auth-ok' && message.name === 'Other' && message.title === 'NotificationResponse')
      return;
    const row = transition(this.#phase, 'server', message.name);
    if (!row || message.name === 'Other') {
      this.#illegal(message);
      return;
    }
    switch (message.name) {
      case 'ErrorResponse':
        this.#handleError(serverError(message.fields));
        return;
      case 'NegotiateProtocolVersion':
        this.#handleNegotiation(message);
        return;
      case 'ParameterStatus':
        if (this.parameters.size < MAX_PARAMETERS || this.parameters.has(message.parameter))
          this.parameters.set(message.parameter, message.value);
        return;
      case 'BackendKeyData': {
        const problem = cancelKeyProblem(message.secretKey, this.#version);
        if (problem) this.#refuse('PROTOCOL_VIOLATION', problem);
        else this.backendKey = { processId: message.processId, secretKey: message.secretKey };
        return;
      }
      case 'NoticeResponse':
        return;
      case 'ReadyForQuery':
        this.#phase = row.to;
        this.#checkTarget();
        return;
      default:
        // The phase moves first: the answer is sent from the new one.
        this.#phase = row.to;
        this.#auth.handleRequest(message);
    }
  }

  #checkTarget(): void {
    this.#move('local', 'Check target');
    const query = targetQuery(this.options.targetSessionAttrs ?? 'any', this.parameters);
    if (query === null) {
      this.#judgeTarget();
      return;
    }
    this.#asked = { query, value: null };
    this.#send({ name: 'Query', sql: query });
  }

  /** The answer to the query about the server's role, up to ReadyForQuery; anything but one value in it is a failure. */
  #readTargetAnswer(): boolean {
    const asked = this.#asked;
    const framing = frameTyped(this.#input, limitOf(String.fromCharCode(this.#input[0]), false));
    if (framing.kind === 'more' || !asked) return false;
    const message = framing.kind === 'frame' ? parseBackend(this.#take(framing.length)).value : undefined;
    if (!message || message.name === 'ErrorResponse') {
      this.#fail('wrong-target', {
        from: 'server',
        code: 'WRONG_TARGET',
        message: `"${asked.query}" failed`,
      });
    } else if (message.name === 'DataRow') {
      asked.value = utf8(message.values[0] ?? new Uint8Array(0));
    } else if (message.name === 'ReadyForQuery') {
      this.#asked = null;
      for (const [name, value] of targetAnswer(asked.query, asked.value ?? ''))
        this.parameters.set(name, value);
      this.#judgeTarget();
    }
    return !this.failure && this.#asked !== null;
  }

  #judgeTarget(): void {
    const problem = targetProblem(this.options.targetSessionAttrs ?? 'any', this.parameters);
    if (problem) {
      // A session that is not wanted is ended politely (sendTerminateConn).
      this.#send({ name: 'Terminate' });
      this.#fail('wrong-target', { from: 'client', code: 'WRONG_TARGET', message: problem });
      return;
    }
    this.#move('local', 'Connection ok');
    this.#effects.push({ type: 'ready' });
  }

  #handleNegotiation(message: Extract<BackendMessage, { name: 'NegotiateProtocolVersion' }>): void {
    const duplicate = this.#negotiated ? 'received duplicate protocol negotiation message' : null;
    const problem = duplicate ?? negotiationProblem(message, this.options);
    if (problem) {
      this.#refuse('PROTOCOL_VERSION', problem);
      return;
    }
    this.#negotiated = true;
    this.#version = message.version;
  }

  #handleError(server: ServerError): void {
    const { kind, error } = serverFailure(server, this.#phase, this.options.applicationName);
    this.#fail(kind, error, server);
  }

  #illegal(message: BackendMessage): void {
    const { code, problem } = illegalMessage(message);
    this.#refuse(code, problem);
  }

  #send(message: FrontendMessage): void {
    this.#effects.push({ type: 'write', bytes: buildFrontend(message) });
    const row = transition(this.#phase, 'client', message.name);
    if (row) this.#phase = row.to;
  }

  #move(from: 'client' | 'server' | 'local', event: EventName): void {
    const row = transition(this.#phase, from, event);
    if (row) this.#phase = row.to;
  }

  #take(length: number): Uint8Array {
    const taken = this.#input.subarray(0, length);
    this.#input = this.#input.subarray(length);
    return taken;
  }

  /** This side will not go on. */
  #refuse(code: string, message: string, expected?: string, got?: string): void {
    const detail = { ...(expected ? { expected } : {}), ...(got ? { got } : {}) };
    this.#fail('final', { from: 'client', code, message, ...detail });
  }

  #fail(kind: FailureKind, error: MachineError, server?: ServerError): void {
    if (this.failure) return;
    this.failure = server ? { kind, error, server } : { kind, error };
    this.#phase = kind === 'transport' ? 'refused' : server ? 'rejected' : 'closed';
    this.#input = new Uint8Array(0);
    this.#effects.push({ type: 'fail', error }, { type: 'close' });
  }
}
