import type { ClientState, ServerState } from './states';

/** A phase is the state of both roles at once, as far as the messages seen tell. */
export interface PhaseInfo {
  readonly client: ClientState;
  readonly server: ServerState;
  /** libpq passes through it without PQstatus ever showing it. */
  readonly internal?: boolean;
  /** Which message of type `p` the server waits for. */
  readonly auth?: 'password' | 'sasl-initial' | 'sasl' | 'gss';
}

/**
 * Every phase. The backend's `ssl_done` and `gss_done` (which requests may still come) are in the names of the `made` phases:
 * after a refusal the other request may follow, after a success neither.
 */
export const PHASES = {
  needed: { client: 'CONNECTION_NEEDED', server: 'ServerLoop', internal: true },
  started: { client: 'CONNECTION_STARTED', server: 'ServerLoop' },
  made: { client: 'CONNECTION_MADE', server: 'ProcessSSLStartup' },
  'made-ssl-refused': { client: 'CONNECTION_MADE', server: 'ProcessStartupPacket' },
  'made-gss-refused': { client: 'CONNECTION_MADE', server: 'ProcessStartupPacket' },
  'made-both-refused': { client: 'CONNECTION_MADE', server: 'ProcessStartupPacket' },
  'made-secure': { client: 'CONNECTION_MADE', server: 'ProcessStartupPacket' },
  'ssl-requested': { client: 'CONNECTION_SSL_STARTUP', server: 'ProcessStartupPacket' },
  'ssl-requested-after-gss': { client: 'CONNECTION_SSL_STARTUP', server: 'ProcessStartupPacket' },
  tls: { client: 'CONNECTION_SSL_STARTUP', server: 'secure_open_server' },
  'gss-requested': { client: 'CONNECTION_GSS_STARTUP', server: 'ProcessStartupPacket' },
  'gss-requested-after-ssl': { client: 'CONNECTION_GSS_STARTUP', server: 'ProcessStartupPacket' },
  gss: { client: 'CONNECTION_GSS_STARTUP', server: 'secure_open_gssapi' },
  awaiting: { client: 'CONNECTION_AWAITING_RESPONSE', server: 'ClientAuthentication' },
  'password-requested': {
    client: 'CONNECTION_AWAITING_RESPONSE',
    server: 'CheckPasswordAuth',
    auth: 'password',
  },
  'password-sent': { client: 'CONNECTION_AWAITING_RESPONSE', server: 'CheckPasswordAuth' },
  'md5-requested': { client: 'CONNECTION_AWAITING_RESPONSE', server: 'CheckMD5Auth', auth: 'password' },
  'md5-sent': { client: 'CONNECTION_AWAITING_RESPONSE', server: 'CheckMD5Auth' },
  'sasl-requested': { client: 'CONNECTION_AWAITING_RESPONSE', server: 'CheckSASLAuth', auth: 'sasl-initial' },
  'sasl-started': { client: 'CONNECTION_AWAITING_RESPONSE', server: 'CheckSASLAuth' },
  'sasl-challenged': { client: 'CONNECTION_AWAITING_RESPONSE', server: 'CheckSASLAuth', auth: 'sasl' },
  'sasl-answered': { client: 'CONNECTION_AWAITING_RESPONSE', server: 'CheckSASLAuth' },
  'sasl-final': { client: 'CONNECTION_AWAITING_RESPONSE', server: 'ClientAuthentication' },
  'token-requested': { client: 'CONNECTION_AWAITING_RESPONSE', server: 'pg_GSS_recvauth', auth: 'gss' },
  'token-sent': { client: 'CONNECTION_AWAITING_RESPONSE', server: 'pg_GSS_recvauth' },
  'auth-ok': { client: 'CONNECTION_AUTH_OK', server: 'InitPostgres' },
  'session-started': { client: 'CONNECTION_AUTH_OK', server: 'PostgresMain' },
  'check-target': { client: 'CONNECTION_CHECK_TARGET', server: 'PostgresMain', internal: true },
  ready: { client: 'CONNECTION_OK', server: 'PostgresMain' },
  'cancel-sent': { client: 'CONNECTION_AWAITING_RESPONSE', server: 'ProcessCancelRequestPacket' },
  cancelled: { client: 'CONNECTION_OK', server: 'proc_exit' },
  refused: { client: 'CONNECTION_BAD', server: 'ServerLoop' },
  rejected: { client: 'CONNECTION_BAD', server: 'proc_exit' },
  closed: { client: 'CONNECTION_BAD', server: 'proc_exit' },
} as const satisfies Record<string, PhaseInfo>;

export type Phase = keyof typeof PHASES;

export const ALL_PHASES = Object.keys(PHASES) as readonly Phase[];

/** Phases in which nothing more of the handshake can happen. */
export const FINAL_PHASES: ReadonlySet<Phase> = new Set([
  'ready',
  'cancelled',
  'refused',
  'rejected',
  'closed',
]);

export function phaseInfo(phase: Phase): PhaseInfo {
  return PHASES[phase];
}
