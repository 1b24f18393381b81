/**
 * The one transition table: what a connection does from its SYN to its first command, for no role in particular. The driver
 * client, mongos and the observer all advance through it with {@link advance}; the panel's graph is drawn from it.
 *
 * A phase names the state of both ends. Driver states follow the steps of the MongoDB Handshake, Authentication and CMAP
 * specifications; server states are functions of mongos 3.x, or what its connection remembers between two messages.
 */
export interface Phase {
  readonly client: ClientState;
  readonly server: ServerState;
}

export const PHASES = {
  idle: { client: 'DISCONNECTED', server: 'LISTENING' },
  connecting: { client: 'CONNECTING', server: 'LISTENING' },
  connected: { client: 'CONNECTED', server: 'RECEIVE_LOOP' },
  tls: { client: 'TLS_HANDSHAKE', server: 'TLS_ACCEPT' },
  hello: { client: 'HANDSHAKE', server: 'CmdIsMaster' },
  helloAcquire: { client: 'HANDSHAKE', server: 'acquireUser' },
  negotiated: { client: 'NEGOTIATED', server: 'RECEIVE_LOOP' },
  monitoring: { client: 'MONITORING', server: 'awaitHelloResponse' },
  openCommand: { client: 'COMMAND', server: 'runAgainstRegistered' },
  open: { client: 'READY', server: 'RECEIVE_LOOP' },
  getnonce: { client: 'GETNONCE', server: 'CmdGetNonce' },
  nonce: { client: 'NONCE_RECEIVED', server: 'NONCE_PENDING' },
  authenticate: { client: 'AUTHENTICATE', server: 'CmdAuthenticate' },
  authenticateAcquire: { client: 'AUTHENTICATE', server: 'acquireUser' },
  saslStart: { client: 'SASL_START', server: 'CmdSaslStart' },
  saslStartAcquire: { client: 'SASL_START', server: 'acquireUser' },
  challenged: { client: 'SASL_CHALLENGED', server: 'SASL_SESSION' },
  saslContinue: { client: 'SASL_CONTINUE', server: 'CmdSaslContinue' },
  serverFinal: { client: 'SASL_SERVER_FINAL', server: 'SASL_SESSION' },
  authenticated: { client: 'AUTHENTICATED', server: 'AUTHORIZED' },
  command: { client: 'COMMAND', server: 'runAgainstRegistered' },
  ready: { client: 'READY', server: 'AUTHORIZED' },
  authFailed: { client: 'AUTH_FAILED', server: 'RECEIVE_LOOP' },
  refused: { client: 'FAILED', server: 'LISTENING' },
  failed: { client: 'FAILED', server: 'RECEIVE_LOOP' },
  closed: { client: 'CLOSED', server: 'CLOSED' },
} as const satisfies Readonly<Record<string, { readonly client: string; readonly server: string }>>;

export type PhaseId = keyof typeof PHASES;
export type ClientState = (typeof PHASES)[PhaseId]['client'];
export type ServerState = (typeof PHASES)[PhaseId]['server'];

/** What moves a connection: commands and replies by their kind, and events that are no message. */
export type Event =
  | 'SYN'
  | 'SYN+ACK'
  | 'RST'
  | 'ClientHello'
  | 'TLS established'
  | 'TLS failed'
  | 'hello'
  /** hello with `topologyVersion` and `maxAwaitTimeMS`: answered when something changes, or when the time is over. */
  | 'awaitable hello'
  | 'hello reply'
  /** Another reply follows without a request: `moreToCome`. */
  | 'hello reply, more to come'
  /** A hello reply that carries `speculativeAuthenticate` with a challenge. */
  | 'hello reply, challenge'
  /** A hello reply whose `speculativeAuthenticate` already succeeded (X.509). */
  | 'hello reply, authenticated'
  | 'getnonce'
  | 'getnonce reply'
  | 'authenticate'
  | 'authenticate reply'
  | 'saslStart'
  | 'saslContinue'
  /** `done: false` with a server-first-message. */
  | 'challenge'
  /** `done: false` with a server-final-message: one empty exchange follows. */
  | 'server final'
  /** `done: true`. */
  | 'sasl done'
  /** Any other command. */
  | 'command'
  | 'command reply'
  /** Any other command was refused with code 13. */
  | 'unauthorized'
  /** `ok: 0` in answer to a step of authentication. */
  | 'auth error'
  /** `ok: 0` in answer to hello. */
  | 'hello error'
  | 'acquireUser'
  /** This driver refused what the server sent, or a wait ran out. */
  | 'refuse'
  | 'close';

export type By = 'client' | 'server' | 'local';

export interface Transition {
  readonly from: PhaseId;
  readonly by: By;
  readonly event: Event;
  readonly to: PhaseId;
  /** The driver specification's page, and the mongos function. */
  readonly source: string;
}

const CMAP = 'CMAP specification, Establishing a Connection';
const HELLO = 'MongoDB Handshake specification; mongos CmdIsMaster::run';
const MONITORING = 'Server Monitoring specification, Streaming Protocol; mongos awaitHelloResponse';
const SPECULATIVE = 'Authentication specification, Speculative Authentication; mongos CmdIsMaster::run';
const CR = 'Authentication specification, MONGODB-CR; mongos CmdGetNonce::run';
const AUTHENTICATE = 'Authentication specification, MONGODB-CR and MONGODB-X509; mongos CmdAuthenticate::run';
const SASL_START = 'Authentication specification, SCRAM; mongos CmdSaslStart::run';
const SASL_CONTINUE = 'Authentication specification, SCRAM; mongos CmdSaslContinue::run';
const COMMAND = 'OP_MSG specification; mongos Strategy::clientCommandOp, Command::runAgainstRegistered';
const CLOSE = 'CMAP specification, Closing a Connection; mongos PortMessageServer::handleIncomingMsg';
const ACQUIRE = 'mongos AuthorizationManager::acquireUser';

function row(from: PhaseId, by: By, event: Event, to: PhaseId, source: string): Transition {
  return { from, by, event, to, source };
}

/** Phases in which a driver may begin to authenticate. */
const BEFORE_AUTH = [
  'connected',
  'negotiated',
  'open',
  'nonce',
  'authFailed',
  'authenticated',
  'ready',
] as const;

/** Phases in which an open connection waits for the client, and may be closed by either side. */
const WAITING = [...BEFORE_AUTH, 'challenged', 'serverFinal', 'failed'] as const;

/** Phases in which the driver may find that it cannot go on with what the server said. */
const USABLE = [
  'connected',
  'negotiated',
  'open',
  'nonce',
  'challenged',
  'serverFinal',
  'authenticated',
  'ready',
] as const;

/** Phases in which the client waits for an answer. */
const ASKED = [
  'hello',
  'monitoring',
  'openCommand',
  'getnonce',
  'authenticate',
  'saslStart',
  'saslContinue',
  'command',
] as const;

export const TRANSITIONS: readonly Transition[] = [
  row('idle', 'client', 'SYN', 'connecting', CMAP),
  row('connecting', 'server', 'SYN+ACK', 'connected', `${CMAP}; mongos Listener::accepted`),
  row('connecting', 'server', 'RST', 'refused', CMAP),
  row('connecting', 'local', 'refuse', 'refused', CMAP),
  row('connected', 'client', 'ClientHello', 'tls', `${CMAP}; mongos SSLManager::accept`),
  row('tls', 'local', 'TLS established', 'connected', `${CMAP}; mongos SSLManager::accept`),
  row('tls', 'local', 'TLS failed', 'failed', `${CMAP}; mongos SSLManager::accept`),
  row('tls', 'local', 'refuse', 'failed', CMAP),
  row('tls', 'local', 'close', 'closed', CLOSE),
  row('connected', 'client', 'hello', 'hello', HELLO),
  row('negotiated', 'client', 'hello', 'hello', HELLO),
  ...(['connected', 'negotiated', 'open'] as const).map((from) =>
    row(from, 'client', 'awaitable hello', 'monitoring', MONITORING),
  ),
  row('monitoring', 'server', 'hello reply, more to come', 'monitoring', MONITORING),
  row('hello', 'local', 'acquireUser', 'helloAcquire', ACQUIRE),
  ...(['hello', 'helloAcquire', 'monitoring'] as const).flatMap((from) => [
    row(from, 'server', 'hello reply', 'negotiated', HELLO),
    row(from, 'server', 'hello reply, challenge', 'challenged', SPECULATIVE),
    row(from, 'server', 'hello reply, authenticated', 'authenticated', SPECULATIVE),
    row(from, 'server', 'hello error', 'failed', HELLO),
  ]),
  ...BEFORE_AUTH.flatMap((from) => [
    row(from, 'client', 'getnonce', 'getnonce', CR),
    row(from, 'client', 'authenticate', 'authenticate', AUTHENTICATE),
    row(from, 'client', 'saslStart', 'saslStart', SASL_START),
  ]),
  // A driver that speculated in hello may still be told to use another mechanism.
  row('challenged', 'client', 'saslStart', 'saslStart', SASL_START),
  row('getnonce', 'server', 'getnonce reply', 'nonce', CR),
  row('getnonce', 'server', 'auth error', 'authFailed', CR),
  row('authenticate', 'local', 'acquireUser', 'authenticateAcquire', ACQUIRE),
  ...(['authenticate', 'authenticateAcquire'] as const).flatMap((from) => [
    row(from, 'server', 'authenticate reply', 'authenticated', AUTHENTICATE),
    row(from, 'server', 'auth error', 'authFailed', AUTHENTICATE),
  ]),
  row('saslStart', 'local', 'acquireUser', 'saslStartAcquire', ACQUIRE),
  ...(['saslStart', 'saslStartAcquire'] as const).flatMap((from) => [
    row(from, 'server', 'challenge', 'challenged', SASL_START),
    row(from, 'server', 'sasl done', 'authenticated', SASL_START),
    row(from, 'server', 'auth error', 'authFailed', SASL_START),
  ]),
  row('challenged', 'client', 'saslContinue', 'saslContinue', SASL_CONTINUE),
  row('saslContinue', 'server', 'challenge', 'challenged', SASL_CONTINUE),
  row('saslContinue', 'server', 'server final', 'serverFinal', SASL_CONTINUE),
  row('saslContinue', 'server', 'sasl done', 'authenticated', SASL_CONTINUE),
  row('saslContinue', 'server', 'auth error', 'authFailed', SASL_CONTINUE),
  row('serverFinal', 'client', 'saslContinue', 'saslContinue', SASL_CONTINUE),
  ...(['connected', 'negotiated', 'open', 'authFailed'] as const).map((from) =>
    row(from, 'client', 'command', 'openCommand', COMMAND),
  ),
  row('openCommand', 'server', 'command reply', 'open', COMMAND),
  row('openCommand', 'server', 'unauthorized', 'negotiated', COMMAND),
  row('authenticated', 'client', 'command', 'command', COMMAND),
  row('ready', 'client', 'command', 'command', COMMAND),
  row('command', 'server', 'command reply', 'ready', COMMAND),
  row('command', 'server', 'unauthorized', 'ready', COMMAND),
  ...[...USABLE, ...ASKED].map((from) => row(from, 'local', 'refuse', 'failed', CLOSE)),
  ...[...WAITING, ...ASKED].map((from) => row(from, 'local', 'close', 'closed', CLOSE)),
];

/** By phase and side, so that no key is put together for a look. */
const INDEX: ReadonlyMap<PhaseId, Readonly<Record<By, Map<Event, PhaseId>>>> = index();

function index(): Map<PhaseId, Record<By, Map<Event, PhaseId>>> {
  const byPhase = new Map<PhaseId, Record<By, Map<Event, PhaseId>>>();
  for (const { from, by, event, to } of TRANSITIONS) {
    const rows = byPhase.get(from) ?? { client: new Map(), server: new Map(), local: new Map() };
    rows[by].set(event, to);
    byPhase.set(from, rows);
  }
  return byPhase;
}

/** The phase that `event` leads to, or `undefined` where the table does not allow it. */
export function advance(from: PhaseId, by: By, event: Event): PhaseId | undefined {
  return INDEX.get(from)?.[by].get(event);
}
