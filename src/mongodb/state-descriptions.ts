import type { GraphNode } from '../trace/graph';
import type { ClientState, ServerState } from './transitions';

/** What a state is, for the graph: words for a person, and what it mirrors. */
export type Description = Omit<GraphNode, 'id' | 'role'>;

function normal(description: string, source: string): Description {
  return { description, source, kind: 'normal' };
}

const AUTH = 'Authentication specification';

export const CLIENT_STATES: Readonly<Record<ClientState, Description>> = {
  DISCONNECTED: { description: 'No connection yet.', source: 'CMAP specification', kind: 'start' },
  CONNECTING: normal('Waits for the TCP connection to be accepted.', 'CMAP specification, state "pending"'),
  CONNECTED: normal('The socket is open; hello is sent next.', 'CMAP specification, state "pending"'),
  TLS_HANDSHAKE: normal(
    'TLS runs before the first message: MongoDB has no request for it.',
    'CMAP specification; connection string option tls',
  ),
  HANDSHAKE: normal('hello was sent; waits for versions and mechanisms.', 'MongoDB Handshake specification'),
  NEGOTIATED: normal(
    'Wire version and saslSupportedMechs are known; the mechanism is chosen.',
    `${AUTH}, Mechanism Negotiation`,
  ),
  MONITORING: normal(
    'Waits for hello replies, which the server sends when something changes or the time it was given is over.',
    'Server Monitoring specification, Streaming Protocol',
  ),
  GETNONCE: normal('Asked the server for a nonce.', `${AUTH}, MONGODB-CR`),
  NONCE_RECEIVED: normal('Computes the key from nonce, user and password digest.', `${AUTH}, MONGODB-CR`),
  AUTHENTICATE: normal(
    'Sent its key or certificate name; waits for the verdict.',
    `${AUTH}, MONGODB-CR and MONGODB-X509`,
  ),
  SASL_START: normal('Sent the client-first-message.', `${AUTH}, SCRAM; RFC 5802 section 5`),
  SASL_CHALLENGED: normal(
    'Has salt and iteration count; derives the salted password and computes the proof.',
    `${AUTH}, SCRAM; RFC 5802 section 3`,
  ),
  SASL_CONTINUE: normal('Sent its proof, or the last empty exchange.', `${AUTH}, SCRAM`),
  SASL_SERVER_FINAL: normal(
    'The server proved that it knows the password; one empty exchange is left.',
    `${AUTH}, SCRAM, skipEmptyExchange`,
  ),
  AUTHENTICATED: normal('The server accepted the user.', AUTH),
  COMMAND: normal('An ordinary command is under way.', 'OP_MSG specification'),
  READY: {
    description: 'Commands are answered: the connection can be used.',
    source: 'CMAP specification, state "available"',
    kind: 'success',
  },
  AUTH_FAILED: {
    description: 'The server refused the authentication; the driver closes the connection.',
    source: AUTH,
    kind: 'failure',
  },
  FAILED: {
    description: 'The driver gave up on this connection.',
    source: 'CMAP specification, Closing a Connection',
    kind: 'failure',
  },
  CLOSED: {
    description: 'The connection is closed.',
    source: 'CMAP specification, state "closed"',
    kind: 'failure',
  },
};

export const SERVER_STATES: Readonly<Record<ServerState, Description>> = {
  LISTENING: {
    description: 'Waits for connections.',
    source: 'mongos Listener::initAndListen',
    kind: 'start',
  },
  TLS_ACCEPT: normal('Runs the TLS handshake of an accepted connection.', 'mongos SSLManager::accept'),
  RECEIVE_LOOP: normal(
    'Waits for the next message of this connection.',
    'mongos PortMessageServer::handleIncomingMsg',
  ),
  CmdIsMaster: normal('Describes itself, and may begin to authenticate.', 'mongos CmdIsMaster::run'),
  awaitHelloResponse: normal(
    'Holds its answer to hello back until the topology changes or maxAwaitTimeMS is over.',
    'mongos MongosTopologyCoordinator::awaitHelloResponse',
  ),
  CmdGetNonce: normal('Makes a random 64-bit nonce.', 'mongos CmdGetNonce::run'),
  NONCE_PENDING: normal(
    'Remembers a nonce that the next authenticate uses up.',
    'mongos MongoAuthenticationSession',
  ),
  CmdAuthenticate: normal('Checks nonce, user and key.', 'mongos CmdAuthenticate::_authenticate'),
  acquireUser: {
    description: 'Takes the user from the cache, or fetches it from mongod: one fetch at a time.',
    source: 'mongos AuthorizationManager::acquireUser',
    kind: 'internal',
  },
  CmdSaslStart: normal('Begins a SASL session and takes its first step.', 'mongos CmdSaslStart::run'),
  SASL_SESSION: normal('Remembers a SASL session between two messages.', 'mongos SaslAuthenticationSession'),
  CmdSaslContinue: normal('Takes the next step of the SASL session.', 'mongos CmdSaslContinue::run'),
  runAgainstRegistered: normal('Runs an ordinary command.', 'mongos Command::runAgainstRegistered'),
  AUTHORIZED: {
    description: 'Waits for the next message of an authenticated client.',
    source: 'mongos AuthorizationSession::addAndAuthorizeUser',
    kind: 'success',
  },
  CLOSED: {
    description: 'The connection is closed and its users are released.',
    source: 'mongos AbstractMessagingPort::shutdown',
    kind: 'failure',
  },
};
