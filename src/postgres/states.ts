import type { GraphNode } from '../trace/graph';

type StateInfo = Pick<GraphNode, 'description' | 'source' | 'kind'>;

/** States of the client: `ConnStatusType` of libpq, by the names an application sees. */
export const CLIENT_STATES = {
  CONNECTION_NEEDED: {
    description: 'Chooses the next address and how to encrypt; no packet was sent.',
    source: 'libpq PQconnectPoll, case CONNECTION_NEEDED; never shown by PQstatus',
    kind: 'start',
  },
  CONNECTION_STARTED: {
    description: 'connect() was called; waits for TCP to answer.',
    source: 'libpq PQconnectPoll, case CONNECTION_STARTED',
    kind: 'normal',
  },
  CONNECTION_MADE: {
    description: 'The transport, plain or encrypted, is there; the next request is about to be sent.',
    source: 'libpq PQconnectPoll, case CONNECTION_MADE',
    kind: 'normal',
  },
  CONNECTION_SSL_STARTUP: {
    description: 'Waits for the answer to SSLRequest, then for the TLS handshake.',
    source: 'libpq PQconnectPoll, case CONNECTION_SSL_STARTUP; pqsecure_open_client',
    kind: 'normal',
  },
  CONNECTION_GSS_STARTUP: {
    description: 'Waits for the answer to GSSENCRequest, then for the GSSAPI handshake.',
    source: 'libpq PQconnectPoll, case CONNECTION_GSS_STARTUP; pqsecure_open_gss',
    kind: 'normal',
  },
  CONNECTION_AWAITING_RESPONSE: {
    description: 'The startup packet was sent; answers authentication requests until AuthenticationOk.',
    source: 'libpq PQconnectPoll, case CONNECTION_AWAITING_RESPONSE; pg_fe_sendauth',
    kind: 'normal',
  },
  CONNECTION_AUTH_OK: {
    description: 'Authenticated; waits until the backend has started the session.',
    source: 'libpq PQconnectPoll, case CONNECTION_AUTH_OK',
    kind: 'normal',
  },
  CONNECTION_CHECK_TARGET: {
    description: 'Checks that the server is what target_session_attrs asks for.',
    source: 'libpq PQconnectPoll, case CONNECTION_CHECK_TARGET; never shown by PQstatus',
    kind: 'internal',
  },
  CONNECTION_OK: {
    description: 'The connection can be used.',
    source: 'libpq PQconnectPoll, end of case CONNECTION_CHECK_TARGET',
    kind: 'success',
  },
  CONNECTION_BAD: {
    description: 'The attempt failed.',
    source: 'libpq PQconnectPoll, label error_return',
    kind: 'failure',
  },
} as const satisfies Record<string, StateInfo>;

/** States of the server. The backend has no such enumeration: each is the function that waits for the client's next bytes. */
export const SERVER_STATES = {
  ServerLoop: {
    description: 'The postmaster listens; no backend serves this client yet.',
    source: 'postmaster.c ServerLoop',
    kind: 'start',
  },
  ProcessSSLStartup: {
    description: 'A backend runs and looks at the first byte: 0x16 means TLS without SSLRequest.',
    source: 'backend_startup.c BackendInitialize, ProcessSSLStartup',
    kind: 'normal',
  },
  ProcessStartupPacket: {
    description:
      'Reads or answers a packet without a type byte: a request for encryption, a cancel or a StartupMessage.',
    source: 'backend_startup.c ProcessStartupPacket',
    kind: 'normal',
  },
  secure_open_server: {
    description: 'Does the TLS handshake.',
    source: 'be-secure.c secure_open_server, be-secure-openssl.c be_tls_open_server',
    kind: 'normal',
  },
  secure_open_gssapi: {
    description: 'Does the GSSAPI handshake.',
    source: 'be-secure-gssapi.c secure_open_gssapi',
    kind: 'normal',
  },
  ProcessCancelRequestPacket: {
    description: 'Looks up the process and its cancel key, signals it and answers nothing.',
    source: 'backend_startup.c ProcessCancelRequestPacket',
    kind: 'success',
  },
  ClientAuthentication: {
    description: 'Takes the first pg_hba.conf line that matches and starts its method.',
    source: 'auth.c ClientAuthentication; hba.c check_hba',
    kind: 'normal',
  },
  CheckPasswordAuth: {
    description: 'Asked for the password in clear text and checks it.',
    source: 'auth.c CheckPasswordAuth',
    kind: 'normal',
  },
  CheckMD5Auth: {
    description: 'Sent a salt and checks the md5 answer.',
    source: 'auth.c CheckPWChallengeAuth, CheckMD5Auth',
    kind: 'normal',
  },
  CheckSASLAuth: {
    description: 'Goes through a SASL exchange: SCRAM or OAuth.',
    source: 'auth-sasl.c CheckSASLAuth; auth-scram.c scram_exchange',
    kind: 'normal',
  },
  pg_GSS_recvauth: {
    description: 'Exchanges GSSAPI or SSPI tokens.',
    source: 'auth.c pg_GSS_recvauth, pg_SSPI_recvauth',
    kind: 'normal',
  },
  InitPostgres: {
    description: 'Authenticated; opens the database, checks role, CONNECT privilege and connection limits.',
    source: 'postinit.c InitPostgres, CheckMyDatabase; miscinit.c InitializeSessionUserId',
    kind: 'normal',
  },
  PostgresMain: {
    description: 'The session runs and waits for queries.',
    source: 'postgres.c PostgresMain',
    kind: 'success',
  },
  proc_exit: {
    description: 'The backend is gone.',
    source: 'ipc.c proc_exit',
    kind: 'failure',
  },
} as const satisfies Record<string, StateInfo>;

export type ClientState = keyof typeof CLIENT_STATES;
export type ServerState = keyof typeof SERVER_STATES;

/** Shown where bytes are missing and the state cannot be known. */
export const UNKNOWN_STATE = 'unknown';
