import type { From } from '../trace/model';
import { ALL_PHASES, FINAL_PHASES, type Phase } from './phases';

/** Everything that can move a connection: messages by the manual's names, TCP's flags, and local events. */
export type EventName =
  | 'SYN'
  | 'SYN+ACK'
  | 'RST'
  | 'FIN'
  | 'SSLRequest'
  | 'SSLResponse S'
  | 'SSLResponse N'
  | 'SSLResponse E'
  | 'SSLResponse other'
  | 'GSSENCRequest'
  | 'GSSENCResponse G'
  | 'GSSENCResponse N'
  | 'GSSENCResponse E'
  | 'GSSENCResponse other'
  | 'ClientHello'
  | 'TLS established'
  | 'GSS established'
  | 'CancelRequest'
  | 'StartupMessage'
  | 'NegotiateProtocolVersion'
  | 'AuthenticationOk'
  | 'AuthenticationCleartextPassword'
  | 'AuthenticationMD5Password'
  | 'AuthenticationSASL'
  | 'AuthenticationSASLContinue'
  | 'AuthenticationSASLFinal'
  | 'AuthenticationGSS'
  | 'AuthenticationSSPI'
  | 'AuthenticationGSSContinue'
  | 'PasswordMessage'
  | 'SASLInitialResponse'
  | 'SASLResponse'
  | 'GSSResponse'
  | 'NoticeResponse'
  | 'ParameterStatus'
  | 'BackendKeyData'
  | 'ReadyForQuery'
  | 'ErrorResponse'
  | 'Check target'
  | 'Connection ok'
  | 'Error';

/** One row: in one of these phases this event leads to that phase. */
export interface Transition {
  readonly in: readonly Phase[];
  readonly from: From;
  readonly message: EventName;
  readonly to: Phase;
  /** Function of libpq. */
  readonly client: string;
  /** Function of the backend. */
  readonly server: string;
}

const OPEN = ALL_PHASES.filter((phase) => !FINAL_PHASES.has(phase));
const UNCONNECTED: readonly Phase[] = ['needed', 'started'];
const CONNECTED = OPEN.filter((phase) => !UNCONNECTED.includes(phase));
const MADE: readonly Phase[] = [
  'made',
  'made-ssl-refused',
  'made-gss-refused',
  'made-both-refused',
  'made-secure',
];
/** Where the client has answered everything and the server speaks next. */
const ANSWERED: readonly Phase[] = [
  'awaiting',
  'password-sent',
  'md5-sent',
  'sasl-started',
  'sasl-answered',
  'sasl-final',
  'token-sent',
];
const AUTHENTICATING = OPEN.filter((phase) => /^(awaiting|password|md5|sasl|token)/.test(phase));

const POLL = 'PQconnectPoll';
const STARTUP = 'ProcessStartupPacket';
const SENDAUTH = 'pg_fe_sendauth';
const SESSION = 'pqParseInput3';

function row(
  phases: Phase | readonly Phase[],
  from: From,
  message: EventName,
  to: Phase,
  client: string,
  server: string,
): Transition {
  return { in: typeof phases === 'string' ? [phases] : phases, from, message, to, client, server };
}

/** The one table. It does not know its role: the client, the backend, the observer, the panel and the tests all read it. */
export const TRANSITIONS: readonly Transition[] = [
  // Transport.
  row('needed', 'client', 'SYN', 'started', `${POLL} (connect)`, 'ServerLoop'),
  row('started', 'server', 'SYN+ACK', 'made', `${POLL} (getsockopt SO_ERROR)`, 'BackendStartup'),
  row(UNCONNECTED, 'server', 'RST', 'refused', 'connectFailureMessage', 'ServerLoop'),
  row(UNCONNECTED, 'local', 'Error', 'refused', 'connectFailureMessage', 'ServerLoop'),

  // Requests for encryption. The backend takes each once, in either order, and none after a success.
  row('made', 'client', 'SSLRequest', 'ssl-requested', POLL, STARTUP),
  row('made-gss-refused', 'client', 'SSLRequest', 'ssl-requested-after-gss', POLL, STARTUP),
  row(
    'ssl-requested',
    'server',
    'SSLResponse N',
    'made-ssl-refused',
    'encryption_negotiation_failed',
    STARTUP,
  ),
  row(
    'ssl-requested-after-gss',
    'server',
    'SSLResponse N',
    'made-both-refused',
    'encryption_negotiation_failed',
    STARTUP,
  ),
  row(['ssl-requested', 'ssl-requested-after-gss'], 'server', 'SSLResponse S', 'tls', POLL, STARTUP),
  row(
    ['ssl-requested', 'ssl-requested-after-gss'],
    'server',
    'SSLResponse E',
    'rejected',
    POLL,
    'report_fork_failure_to_client',
  ),
  row(['ssl-requested', 'ssl-requested-after-gss'], 'server', 'SSLResponse other', 'rejected', POLL, 'none'),
  row('made', 'client', 'GSSENCRequest', 'gss-requested', POLL, STARTUP),
  row('made-ssl-refused', 'client', 'GSSENCRequest', 'gss-requested-after-ssl', POLL, STARTUP),
  row(
    'gss-requested',
    'server',
    'GSSENCResponse N',
    'made-gss-refused',
    'encryption_negotiation_failed',
    STARTUP,
  ),
  row(
    'gss-requested-after-ssl',
    'server',
    'GSSENCResponse N',
    'made-both-refused',
    'encryption_negotiation_failed',
    STARTUP,
  ),
  row(['gss-requested', 'gss-requested-after-ssl'], 'server', 'GSSENCResponse G', 'gss', POLL, STARTUP),
  row(
    ['gss-requested', 'gss-requested-after-ssl'],
    'server',
    'GSSENCResponse E',
    'rejected',
    POLL,
    'report_fork_failure_to_client',
  ),
  row(
    ['gss-requested', 'gss-requested-after-ssl'],
    'server',
    'GSSENCResponse other',
    'rejected',
    POLL,
    'none',
  ),
  row('made', 'client', 'ClientHello', 'tls', 'pqsecure_open_client', 'ProcessSSLStartup'),
  row('tls', 'local', 'TLS established', 'made-secure', 'pqsecure_open_client', 'secure_open_server'),
  row('gss', 'local', 'GSS established', 'made-secure', 'pqsecure_open_gss', 'secure_open_gssapi'),

  // A cancel request has a connection of its own.
  row(MADE, 'client', 'CancelRequest', 'cancel-sent', 'PQsendCancelRequest', 'ProcessCancelRequestPacket'),
  row('cancel-sent', 'server', 'FIN', 'cancelled', POLL, 'ProcessCancelRequestPacket'),
  row('cancel-sent', 'server', 'RST', 'cancelled', POLL, 'ProcessCancelRequestPacket'),
  row('cancel-sent', 'client', 'FIN', 'cancelled', 'PQcancel', 'ProcessCancelRequestPacket'),
  row('cancel-sent', 'client', 'RST', 'cancelled', 'PQcancel', 'ProcessCancelRequestPacket'),

  // Startup and authentication.
  row(MADE, 'client', 'StartupMessage', 'awaiting', 'pqBuildStartupPacket3', STARTUP),
  row(
    'awaiting',
    'server',
    'NegotiateProtocolVersion',
    'awaiting',
    'pqGetNegotiateProtocolVersion3',
    'SendNegotiateProtocolVersion',
  ),
  row(ANSWERED, 'server', 'AuthenticationOk', 'auth-ok', SENDAUTH, 'sendAuthRequest'),
  row(
    'awaiting',
    'server',
    'AuthenticationCleartextPassword',
    'password-requested',
    SENDAUTH,
    'CheckPasswordAuth',
  ),
  row(
    'password-requested',
    'client',
    'PasswordMessage',
    'password-sent',
    'pg_password_sendauth',
    'recv_password_packet',
  ),
  row('awaiting', 'server', 'AuthenticationMD5Password', 'md5-requested', SENDAUTH, 'CheckMD5Auth'),
  row(
    'md5-requested',
    'client',
    'PasswordMessage',
    'md5-sent',
    'pg_password_sendauth',
    'recv_password_packet',
  ),
  row('awaiting', 'server', 'AuthenticationSASL', 'sasl-requested', 'pg_SASL_init', 'CheckSASLAuth'),
  row('sasl-requested', 'client', 'SASLInitialResponse', 'sasl-started', 'pg_SASL_init', 'CheckSASLAuth'),
  row(
    'sasl-started',
    'server',
    'AuthenticationSASLContinue',
    'sasl-challenged',
    'pg_SASL_continue',
    'scram_exchange',
  ),
  row('sasl-challenged', 'client', 'SASLResponse', 'sasl-answered', 'pg_SASL_continue', 'CheckSASLAuth'),
  // A mechanism may take more turns: SCRAM does when the client left its first message out, OAUTHBEARER to say why not.
  row(
    'sasl-answered',
    'server',
    'AuthenticationSASLContinue',
    'sasl-challenged',
    'pg_SASL_continue',
    'CheckSASLAuth',
  ),
  row(
    'sasl-answered',
    'server',
    'AuthenticationSASLFinal',
    'sasl-final',
    'pg_SASL_continue',
    'scram_exchange',
  ),
  row('awaiting', 'server', 'AuthenticationGSS', 'token-requested', 'pg_GSS_startup', 'pg_GSS_recvauth'),
  row('awaiting', 'server', 'AuthenticationSSPI', 'token-requested', 'pg_SSPI_startup', 'pg_SSPI_recvauth'),
  row('token-requested', 'client', 'GSSResponse', 'token-sent', 'pg_GSS_continue', 'pg_GSS_recvauth'),
  row(
    'token-sent',
    'server',
    'AuthenticationGSSContinue',
    'token-requested',
    'pg_GSS_continue',
    'pg_GSS_recvauth',
  ),

  // The start of the session.
  row('auth-ok', 'server', 'NoticeResponse', 'auth-ok', SESSION, 'send_message_to_frontend'),
  row('auth-ok', 'server', 'ParameterStatus', 'auth-ok', SESSION, 'BeginReportingGUCOptions'),
  row('auth-ok', 'server', 'BackendKeyData', 'auth-ok', SESSION, 'PostgresMain'),
  row('auth-ok', 'server', 'ReadyForQuery', 'session-started', SESSION, 'ReadyForQuery'),
  row('session-started', 'local', 'Check target', 'check-target', POLL, 'PostgresMain'),
  row('check-target', 'local', 'Connection ok', 'ready', POLL, 'PostgresMain'),

  // Endings. An ErrorResponse may come whenever a backend runs.
  row(
    [...MADE, ...AUTHENTICATING, 'auth-ok'],
    'server',
    'ErrorResponse',
    'rejected',
    'pqGetErrorNotice3',
    'send_message_to_frontend',
  ),
  row(without(CONNECTED, 'cancel-sent'), 'server', 'FIN', 'closed', 'pqReadData', 'proc_exit'),
  row(without(CONNECTED, 'cancel-sent'), 'server', 'RST', 'closed', 'pqReadData', 'proc_exit'),
  row(without(CONNECTED, 'cancel-sent'), 'client', 'FIN', 'closed', 'PQfinish', 'proc_exit'),
  row(without(OPEN, 'cancel-sent'), 'client', 'RST', 'closed', 'PQfinish', 'proc_exit'),
  row(CONNECTED, 'local', 'Error', 'closed', `${POLL} (error_return)`, 'proc_exit'),
];

/** First row of each message. TCP's flags and local events tell nothing about what was before. */
const LANDINGS: ReadonlyMap<string, Phase> = new Map(
  TRANSITIONS.filter(
    ({ from, message }) => from !== 'local' && !/^(SYN|RST|FIN|SSLResponse|GSSENC)/.test(message),
  )
    .map(({ from, message, to }) => [`${from} ${message}`, to] as const)
    .reverse(),
);

/** Rows by message, for each side; no key is put together for a look. */
type Rows = Readonly<Record<From, Map<string, Transition>>>;

const NEXT: ReadonlyMap<Phase, Rows> = index();

/** The row for this event in this phase; undefined when the event is not legal there. */
export function transition(phase: Phase, from: From, message: string): Transition | undefined {
  return NEXT.get(phase)?.[from].get(message);
}

/** Where a message leaves the conversation when nothing is known of what was before it; null when it could be anywhere. */
export function landingPhase(from: From, message: string): Phase | null {
  return LANDINGS.get(`${from} ${message}`) ?? null;
}

function without(phases: readonly Phase[], phase: Phase): readonly Phase[] {
  return phases.filter((known) => known !== phase);
}

function index(): Map<Phase, Rows> {
  const byPhase = new Map<Phase, Rows>();
  for (const known of TRANSITIONS) {
    for (const phase of known.in) {
      const rows = byPhase.get(phase) ?? { client: new Map(), server: new Map(), local: new Map() };
      rows[known.from].set(known.message, known);
      byPhase.set(phase, rows);
    }
  }
  return byPhase;
}
