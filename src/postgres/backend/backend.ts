import { concat, utf8Bytes } from '../../base/bytes';
import type { Machine, RandomBytes, TlsOutcome } from '../../base/machine';
import {
  ALPN_PROTOCOL,
  CANCEL_REQUEST_CODE,
  GSSENC_REQUEST_CODE,
  LIMITS,
  PROTOCOL_3_0,
  PROTOCOL_3_2,
  type ProtocolVersion,
  SSL_REQUEST_CODE,
  versionFromNumber,
  versionNumber,
} from '../constants';
import { hbaRefusal, matchHba, refusalLog } from '../hba/hba';
import { fatal } from '../messages/error-fields';
import { frameStartup, frameTyped, i32 } from '../messages/frame';
import { buildBackend } from '../messages/message-build';
import { parseFrontend, parseStartupPacket } from '../messages/message-frontend';
import type { BackendMessage, FrontendMessage, Parameters } from '../messages/message-types';
import { type Phase, phaseInfo } from '../phases';
import { type EventName, transition } from '../transitions';
import { BackendAuthentication, type PeerCertificate } from './backend-auth';
import { brokenMessage, isCommand, unsupportedVersion } from './backend-broken';
import type { BackendConnection, BackendEffect, PostgresServer } from './backend-options';
import { answerCommand } from './backend-query';
import { CONDITION_ERRORS, sessionParameters, sessionProblem } from './backend-session';
import { clientSettings } from './backend-settings';
import { hbaQuery, readStartup, type StartupRequest } from './backend-startup';

type ErrorExtra = { readonly detail?: string; readonly hint?: string };
type Startup = Extract<FrontendMessage, { name: 'StartupMessage' }>;
type Cancel = Extract<FrontendMessage, { name: 'CancelRequest' }>;

/** One backend process: the server's side of one connection, without sockets, clock or random source. */
export class PostgresBackend implements Machine<BackendEffect> {
  /** The key this session gave its client; empty before. */
  cancelKey: Uint8Array = new Uint8Array(0);
  user = '';
  database = '';
  #phase: Phase = 'needed';
  #secure = false;
  #direct = false;
  #version: ProtocolVersion = PROTOCOL_3_0;
  #startup: StartupRequest | null = null;
  #peer: PeerCertificate = { valid: false, commonName: null };
  #input: Uint8Array = new Uint8Array(0);
  #auth: BackendAuthentication | null = null;
  readonly #effects: BackendEffect[] = [];

  constructor(
    readonly server: PostgresServer,
    readonly connection: BackendConnection,
    private readonly random: RandomBytes,
  ) {}

  get state(): string {
    return phaseInfo(this.#phase).server;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** TLS came first: what `startTls` asks for has begun with the bytes that were handed in last. */
  get direct(): boolean {
    return this.#direct;
  }

  pollEffect(): BackendEffect | undefined {
    return this.#effects.shift();
  }

  handleConnected(): void {
    if (this.#phase !== 'needed') return;
    this.#move('client', 'SYN');
    this.#move('server', 'SYN+ACK');
  }

  handleBytes(bytes: Uint8Array): void {
    if (this.#over) return;
    if (this.#phase === 'made' && this.#input.length === 0 && bytes[0] === 0x16) {
      this.#startDirect();
      return;
    }
    this.#input = this.#input.length === 0 ? bytes.slice() : concat(this.#input, bytes);
    this.#advance();
  }

  handleTls(outcome: TlsOutcome): void {
    if (this.#phase !== 'tls') return;
    if (!outcome.ok) {
      this.#close(`could not accept SSL connection: ${outcome.error?.message ?? 'handshake failed'}`);
      return;
    }
    if (this.#direct && outcome.alpn !== ALPN_PROTOCOL) {
      this.#close('received direct SSL connection request without ALPN protocol negotiation extension');
      return;
    }
    this.#secure = true;
    this.#peer = { valid: Boolean(outcome.peerSubject), commonName: outcome.peerCommonName ?? null };
    this.#move('local', 'TLS established');
    if (this.#input.length > 0) this.#surplus();
  }

  handleDerived(_id: number, key: Uint8Array): void {
    if (this.#over) return;
    this.#auth?.handleDerived(key);
    this.#advance();
  }

  handlePassword(): void {}
  handleTimer(): void {}

  handleClosed(): void {
    if (this.#over) return;
    this.#phase = 'closed';
    this.#effects.push({ type: 'close' });
  }

  get #over(): boolean {
    return this.#phase === 'closed' || this.#phase === 'rejected' || this.#phase === 'cancelled';
  }

  #advance(): void {
    while (
      !this.#over &&
      this.#phase !== 'tls' &&
      !this.#auth?.waiting &&
      this.#input.length > 0 &&
      this.#readOne()
    ) {
      // Each turn consumed at least one byte.
    }
  }

  #readOne(): boolean {
    const info = phaseInfo(this.#phase);
    if (info.client === 'CONNECTION_MADE') return this.#readStartupPacket();
    if (info.auth) return this.#readAuthMessage();
    if (this.#phase === 'ready') return this.#readCommand();
    return false;
  }

  /** TLS from the first byte (`ProcessSSLStartup`). The byte is not consumed: the driver hands all of them to TLS. */
  #startDirect(): void {
    // Never on a Unix socket.
    if (!this.server.ssl || this.connection.remoteAddress === null) {
      this.#close('direct SSL connection rejected');
      return;
    }
    this.#direct = true;
    this.#move('client', 'ClientHello');
    this.#effects.push({ type: 'startTls' });
  }

  #readStartupPacket(): boolean {
    const framing = frameStartup(this.#input);
    if (framing.kind === 'more') return false;
    if (framing.kind === 'bad') {
      this.#close('invalid length of startup packet');
      return true;
    }
    const packet = this.#take(framing.length);
    // Which kind it is counts before what is in it.
    const code = i32(packet, 4);
    const version = versionFromNumber(code);
    if (code === SSL_REQUEST_CODE) this.#handleSslRequest();
    else if (code === GSSENC_REQUEST_CODE) this.#handleGssRequest();
    else if (code !== CANCEL_REQUEST_CODE && version.major !== 3) this.#unsupportedVersion(version);
    else {
      const { value, title } = parseStartupPacket(packet);
      if (!value) this.#handleBroken(title);
      else if (value.name === 'StartupMessage') this.#handleStartup(value);
      else if (value.name === 'CancelRequest') this.#handleCancel(value);
    }
    return true;
  }

  #handleCancel({ processId, secretKey }: Cancel): void {
    this.#move('client', 'CancelRequest');
    this.#effects.push({ type: 'cancel', processId, secretKey }, { type: 'close' });
    this.#phase = 'cancelled';
  }

  #handleBroken(title: string): void {
    if (title === 'CancelRequest') {
      this.#close('invalid length of cancel request packet');
    } else {
      this.#reject('08P01', 'invalid startup packet layout: expected terminator as last byte');
    }
  }

  #handleSslRequest(): void {
    if (!transition(this.#phase, 'client', 'SSLRequest')) {
      // Inside TLS, or asked twice: to the backend it is then a protocol version of 1234.5679.
      this.#unsupportedVersion({ major: 1234, minor: 5679 });
      return;
    }
    this.#move('client', 'SSLRequest');
    // Never on a Unix socket (`ProcessStartupPacket`).
    const accept = this.server.ssl && this.connection.remoteAddress !== null;
    this.#effects.push({ type: 'write', bytes: utf8Bytes(accept ? 'S' : 'N') });
    this.#move('server', accept ? 'SSLResponse S' : 'SSLResponse N');
    // CVE-2021-23214: what came in the clear behind the request must not be taken for bytes from inside TLS.
    if (accept && this.#input.length > 0 && this.#input[0] !== 0x16) {
      this.#close('could not accept SSL connection: wrong version number');
    } else if (this.#input.length > 0) this.#surplus();
    else if (accept) this.#effects.push({ type: 'startTls' });
  }

  #handleGssRequest(): void {
    if (!transition(this.#phase, 'client', 'GSSENCRequest')) {
      this.#unsupportedVersion({ major: 1234, minor: 5680 });
      return;
    }
    this.#move('client', 'GSSENCRequest');
    this.#effects.push({ type: 'write', bytes: utf8Bytes('N') });
    this.#move('server', 'GSSENCResponse N');
    if (this.#input.length > 0) this.#surplus('GSSAPI encryption request');
  }

  #surplus(request = 'SSL request'): void {
    this.#reject('08P01', `received unencrypted data after ${request}`, {
      detail:
        'This could be either a client-software bug or evidence of an attempted man-in-the-middle attack.',
    });
  }

  #unsupportedVersion(version: ProtocolVersion): void {
    const words = unsupportedVersion(version, this.server.maxProtocolVersion ?? PROTOCOL_3_2);
    this.#reject('0A000', words, {}, undefined, version.major < 3);
  }

  #handleStartup(message: Startup): void {
    const newest = this.server.maxProtocolVersion ?? PROTOCOL_3_2;
    this.#move('client', 'StartupMessage');
    const older = versionNumber(message.version) <= versionNumber(newest);
    this.#version = older ? message.version : newest;
    const options = message.parameters.map(([name]) => name).filter((name) => name.startsWith('_pq_.'));
    if (!older || options.length > 0) {
      this.#send({ name: 'NegotiateProtocolVersion', version: this.#version, options });
    }
    this.#handleParameters(message.parameters);
  }

  #handleParameters(parameters: Parameters): void {
    const startup = readStartup(parameters);
    this.#startup = startup;
    this.user = startup.user;
    this.database = startup.database;
    const { problem } = startup;
    const { condition } = this.server;
    if (problem) this.#reject(problem.code, problem.message, problem);
    else if (condition) this.#reject(CONDITION_ERRORS[condition].code, CONDITION_ERRORS[condition].message);
    else this.#authenticate(startup);
  }

  /** `ClientAuthentication`. */
  #authenticate(startup: StartupRequest): void {
    const { remoteAddress: address, remoteHost: hostName } = this.connection;
    const query = hbaQuery(this.server, startup, { secure: this.#secure, address, hostName });
    const match = matchHba(this.server.hba, query);
    if (match.kind === 'none' || match.method === 'reject') {
      const log = refusalLog(this.server.hba, query, match);
      this.#reject('28000', hbaRefusal(match.kind === 'rule', address ?? '[local]', query), {}, log);
      return;
    }
    const client = { user: this.user, secure: this.#secure, peer: this.#peer, clientCert: match.clientCert };
    this.#auth = new BackendAuthentication(this.server, client, this.random, {
      send: (message) => this.#send(message),
      effect: (effect) => this.#effects.push(effect),
      accepted: () => this.#accepted(),
      rejected: (code, message, log, extra = {}) => this.#reject(code, message, extra, log),
    });
    this.#log('LOG', `connection matches pg_hba line ${match.line}: ${match.method}`);
    this.#auth.start(match.method);
  }

  /** AuthenticationOk, then `InitPostgres`, then the session's greeting. */
  #accepted(): void {
    this.#send({ name: 'AuthenticationOk' });
    const startup = this.#startup;
    if (!startup) return;
    const problem = sessionProblem(this.server, this.user, this.database, startup.walSender);
    if (problem) {
      this.#reject(problem.code, problem.message, problem);
      return;
    }
    const settings = clientSettings(this.server, startup);
    for (const notice of settings.notices) this.#send(notice);
    if (settings.problem) {
      this.#reject(settings.problem.code, settings.problem.message, settings.problem);
      return;
    }
    for (const message of sessionParameters(this.server, this.user, settings.values)) this.#send(message);
    this.cancelKey = this.random(versionNumber(this.#version) >= versionNumber(PROTOCOL_3_2) ? 32 : 4);
    this.#send({ name: 'BackendKeyData', processId: this.connection.processId, secretKey: this.cancelKey });
    this.#send({ name: 'ReadyForQuery', status: 'I' });
    this.#move('local', 'Check target');
    this.#move('local', 'Connection ok');
    this.#log('LOG', `connection authorized: user=${this.user} database=${this.database}`);
    this.#effects.push({ type: 'ready' });
  }

  #readAuthMessage(): boolean {
    const context = phaseInfo(this.#phase).auth ?? 'password';
    const type = this.#input[0];
    if (type !== 0x70) {
      const expected = context === 'password' ? 'password' : 'SASL';
      this.#reject('08P01', `expected ${expected} response, got message type ${type}`);
      return true;
    }
    const framing = frameTyped(this.#input, context === 'password' ? LIMITS.authToken : LIMITS.saslMessage);
    if (framing.kind === 'more') return false;
    if (framing.kind === 'bad') {
      // A password that cannot be read is no answer, a SASL message a wrong one (`STATUS_EOF`, `STATUS_ERROR`).
      if (context === 'password') this.#close('invalid message length');
      else this.#reject('28P01', `password authentication failed for user "${this.user}"`);
      return true;
    }
    const message = this.#take(framing.length);
    const decoded = parseFrontend(message, context);
    if (!decoded.value) {
      this.#reject('08P01', brokenMessage(message, context), {}, decoded.issues[0].message);
      return true;
    }
    this.#move('client', decoded.value.name as EventName);
    this.#auth?.handleMessage(decoded.value);
    return true;
  }

  /** Simple queries only; messages of the extended protocol are refused at their Sync. */
  #readCommand(): boolean {
    const type = this.#input[0];
    if (!isCommand(type)) {
      this.#reject('08P01', `invalid frontend message type ${type}`);
      return true;
    }
    const framing = frameTyped(this.#input, LIMITS.sessionStart);
    if (framing.kind === 'more') return false;
    if (framing.kind === 'bad') {
      this.#close('invalid message length');
      return true;
    }
    const decoded = parseFrontend(this.#take(framing.length), 'password');
    const session = { version: this.server.version, user: this.user, database: this.database };
    const answers = answerCommand(decoded.value, session);
    if (answers) {
      for (const answer of answers) this.#send(answer);
    } else {
      this.#phase = 'closed';
      this.#effects.push({ type: 'close' });
    }
    return true;
  }

  #send(message: BackendMessage): void {
    this.#effects.push({ type: 'write', bytes: buildBackend(message) });
    this.#move('server', message.name as EventName);
  }

  /** FATAL: the client is told, then the process ends. */
  #reject(code: string, message: string, extra: ErrorExtra = {}, log?: string, old = false): void {
    // Before protocol 3 an error was a line of text.
    const bytes = old ? utf8Bytes(`EFATAL:  ${message}\n\0`) : buildBackend(fatal(code, message, extra));
    this.#effects.push({ type: 'write', bytes });
    this.#log('FATAL', message, log ?? extra.detail);
    this.#phase = 'rejected';
    this.#input = new Uint8Array(0);
    const error = { from: 'server', code, message } as const;
    this.#effects.push({ type: 'fail', error }, { type: 'close' });
  }

  /** The process ends and the client is told nothing; the log says why. */
  #close(message: string): void {
    this.#log('LOG', message);
    this.#phase = 'closed';
    this.#input = new Uint8Array(0);
    const error = { from: 'server', code: 'SERVER_CLOSED', message } as const;
    this.#effects.push({ type: 'fail', error }, { type: 'close' });
  }

  #log(level: 'LOG' | 'FATAL', message: string, detail?: string): void {
    this.#effects.push({ type: 'log', level, message, ...(detail === undefined ? {} : { detail }) });
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
}
