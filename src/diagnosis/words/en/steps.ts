import type { Protocol } from '../../../trace/model';

/** What the client is doing in a state, to follow "while". */
const POSTGRES: Readonly<Record<string, string>> = {
  CONNECTION_NEEDED: 'choosing how to connect',
  CONNECTION_STARTED: 'opening the TCP connection',
  CONNECTION_MADE: 'preparing the next request',
  CONNECTION_SSL_STARTUP: 'waiting for the answer to SSLRequest',
  CONNECTION_GSS_STARTUP: 'waiting for the answer to GSSENCRequest',
  CONNECTION_AWAITING_RESPONSE: 'waiting for the server during authentication',
  CONNECTION_AUTH_OK: 'waiting for the backend to start the session',
  CONNECTION_CHECK_TARGET: "checking the server's role",
};

const MONGODB: Readonly<Record<string, string>> = {
  DISCONNECTED: 'preparing to connect',
  CONNECTING: 'opening the TCP connection',
  CONNECTED: 'preparing hello',
  TLS_HANDSHAKE: 'doing the TLS handshake',
  HANDSHAKE: 'waiting for the answer to hello',
  MONITORING: 'waiting for news of the server',
  NEGOTIATED: 'choosing the mechanism',
  GETNONCE: 'waiting for the answer to getnonce',
  NONCE_RECEIVED: 'computing the key',
  AUTHENTICATE: 'waiting for the answer to authenticate',
  SASL_START: 'waiting for the answer to saslStart',
  SASL_CHALLENGED: 'computing the SCRAM proof',
  SASL_CONTINUE: 'waiting for the answer to saslContinue',
  SASL_SERVER_FINAL: 'finishing the SASL conversation',
  AUTHENTICATED: 'preparing the first command',
  COMMAND: 'waiting for the answer to the first command',
};

/** `waiting for the answer to SSLRequest`: to follow "while". A state without words stands for itself. */
export function stepWords(protocol: Protocol, state: string, duringTls = false): string {
  const words = duringTls ? 'doing the TLS handshake' : (protocol === 'postgres' ? POSTGRES : MONGODB)[state];
  return words === undefined ? `in ${state}` : words;
}
