/**
 * What poolers, gateways and managed services say in the server's place. They give SQLSTATEs of their own choice (pgbouncer 08P01 to all,
 * pgpool 58000 and XX000, Neon and Supavisor XX000), so that only the text tells what is meant.
 */
import type { CauseCode } from '../../diagnosis/catalogue';
import { unquoted } from '../../diagnosis/unquoted';
import type { ServerError } from '../messages/error-fields';

export interface SpokenRow {
  /** Who says so; null where several do. */
  readonly speaker: string | null;
  /** Where given, the SQLSTATE has to match, too. */
  readonly state?: RegExp;
  /** Matched against the message with DETAIL and HINT, quoted names left out (`""`). A group is the parameter that it names. */
  readonly text: RegExp;
  readonly code: CauseCode;
}

/** Functions of PostgreSQL's own source that report what ends a start-up. */
const PG_ROUTINE =
  /^(ClientAuthentication|auth_failed|InitPostgres|CheckMyDatabase|InitializeSessionUserId|ProcessStartupPacket|BackendInitialize|InitProcess|ProcessInterrupts|CheckConnectionLimit|set_config_\w+|InitWalSender\w*)$/;

export const SPOKEN: readonly SpokenRow[] = [
  // Texts that name their speaker.
  row('pgbouncer', /client_login_timeout \(server down\)/i, 'PG_POOLER_CANNOT_REACH_SERVER'),
  row(
    'pgbouncer',
    /server_login_retry|server login has been failing|server_connect_timeout|pgbouncer cannot connect to server|^server (conn )?crashed|^connect failed|^server_lifetime|^server down|^server DNS lookup failed/i,
    'PG_POOLER_CANNOT_REACH_SERVER',
  ),
  row(
    'pgbouncer',
    /client_login_timeout|client_connect_timeout|client_idle_timeout|idle_transaction_timeout|^idle transaction timeout/i,
    'PG_POOLER_CLIENT_SLOW',
  ),
  row(
    'pgbouncer',
    /wrong password type|cannot do SCRAM authentication|SCRAM key|server asked for (SCRAM|SASL)/i,
    'PG_POOLER_NO_SECRET',
    /^08P01$/,
  ),
  row('pgbouncer', /^server login failed/i, 'PG_POOLER_SERVER_LOGIN_FAILED'),
  row('pgbouncer', /query_wait_timeout|query_wait_notify|^reserve_pool/i, 'PG_POOLER_WAITED'),
  row(
    'pgbouncer',
    /max_client_conn|max_user_client_connections|max_db_client_connections|max_user_connections|max_db_connections|no more connections allowed/i,
    'PG_POOLER_FULL',
  ),
  row('pgbouncer', /^unsupported startup parameter(?: in options)?: (\S+)/i, 'PG_POOLER_PARAMETER'),
  row(
    'pgbouncer',
    /^unsupported startup parameter|^unsupported options startup parameter|^unsupported .*startup/i,
    'PG_POOLER_PARAMETER',
  ),
  row(
    'pgbouncer',
    /bouncer config error|pgbouncer.*config|auth_query|auth_dbname|could not (run|find) auth/i,
    'PG_POOLER_CONFIG',
    /^08P01$/,
  ),
  // Nobody is asked for a password; what can fail is that the user is in no list.
  row('pgbouncer', /^no such user|^"" authentication failed/i, 'PG_POOLER_USER_UNKNOWN'),
  row('pgbouncer', /^no such database|^database .* (not found|is not in)/i, 'PG_POOLER_NO_POOL', /^08P01$/),
  row(
    'pgbouncer',
    /^(bouncer|pgbouncer|pooler|server|database system).* shut(ting)? ?down|^database .* is disabled|is paused|^pause|^suspend|^(kill|disable)d?\b/i,
    'PG_POOLER_STOPPED',
    /^08P01$/,
  ),
  row('pgbouncer', /^no such database/i, 'PG_POOLER_NO_POOL'),
  row(
    'pgbouncer',
    /^SASL authentication failed|^TLS certificate|^certificate authentication failed$/i,
    'PG_POOLER_PASSWORD_REFUSED',
  ),
  row('pgbouncer', /^login rejected/i, 'PG_POOLER_REJECTS'),
  row('pgbouncer', /^SSL required|TLS required|^bad startup packet: SSL/i, 'PG_TLS_REQUIRED', /^08P01$/),
  row(
    'pgbouncer',
    /(password|SASL|SCRAM|md5|PAM|LDAP) authentication failed|^auth failed|^authentication failed|wrong password/i,
    'PG_POOLER_PASSWORD_REFUSED',
    /^08P01$/,
  ),

  row('pgpool', /pool_passwd/i, 'PG_POOLER_NO_SECRET'),
  row(
    'pgpool',
    /^backend authentication failed|authentication failed in slot|^backend throws authentication error/i,
    'PG_POOLER_SERVER_LOGIN_FAILED',
    /^(58\w{3}|XX000|28\w{3})$/,
  ),
  // Its own check of the client, whatever the words say of a backend.
  row(
    'pgpool',
    /^authentication failed\b.*or password does not exist in backend/is,
    'PG_POOLER_PASSWORD_REFUSED',
    /^(58\w{3}|XX000|28\w{3})$/,
  ),
  // Its own login at the server behind it; DETAIL says whether it has a password for it.
  row('pgpool', /^failed to authenticate with backend.*valid password not found/is, 'PG_POOLER_NO_SECRET'),
  row('pgpool', /^failed to authenticate with backend/i, 'PG_POOLER_SERVER_LOGIN_FAILED'),
  // PostgreSQL says "sorry".
  row('pgpool', /^Sorry, too many clients already/, 'PG_POOLER_FULL'),
  row('pgpool', /pool_hba\.conf/i, 'PG_POOLER_REJECTS'),
  row(
    'pgpool',
    /unable to (read|write|flush) (message|data)|unable to forward message|failed to create a backend|all backend nodes are down|pgpool is not accepting|unable to (get|read) .*from (backend|DB)|backend .* down|connection to (backend|server) .*failed/i,
    'PG_POOLER_CANNOT_REACH_SERVER',
    /^(58\w{3}|XX000|08\w{3}|57\w{3})$/,
  ),
  row('pgpool', /connection cache is full|no free (slot|child)|num_init_children/i, 'PG_POOLER_FULL'),
  row(
    'pgpool',
    /^frontend authentication failed|(md5|SCRAM|clear ?text password) authentication failed|password does not match/i,
    'PG_POOLER_PASSWORD_REFUSED',
    /^(58\w{3}|XX000)$/,
  ),
  // PostgreSQL's words with another's SQLSTATE: pgpool's, Neon's and others'.
  row(null, /^password authentication failed/i, 'PG_POOLER_PASSWORD_REFUSED', /^(58\w{3}|XX000)$/),

  row('PgCat', /^No pool configured/i, 'PG_POOLER_NO_POOL'),
  row(
    'PgCat',
    /could not get connection from the pool|AllServersDown|^error getting.*server|BadServer/i,
    'PG_POOLER_CANNOT_REACH_SERVER',
  ),
  row('PgCat', /^(Invalid password|Invalid username)/i, 'PG_POOLER_PASSWORD_REFUSED', /^58000$/),

  row(
    'Odyssey',
    /odyssey.*(route .*(not found|is not)|failed to find route)|route for .* is not found/i,
    'PG_POOLER_NO_POOL',
  ),
  row(
    'Odyssey',
    /odyssey.*(incorrect (user|password)|auth\w* (failed|error)|wrong)/i,
    'PG_POOLER_PASSWORD_REFUSED',
  ),
  row('Odyssey', /odyssey.*user blocked/i, 'PG_POOLER_REJECTS'),
  row('Odyssey', /odyssey.*(too many|limit)/i, 'PG_POOLER_FULL'),
  row('Odyssey', /odyssey.*(TLS|SSL).*required/i, 'PG_TLS_REQUIRED'),
  row(
    'Odyssey',
    /odyssey.*(failed to (connect|get)|can'?t connect|could not connect|remote server|server (error|disconnect|read|write))/i,
    'PG_POOLER_CANNOT_REACH_SERVER',
  ),

  row(
    'Supavisor',
    /MaxClientsInSessionMode|Max client connections reached|max clients reached|EMAXCONNSESSION/i,
    'PG_POOLER_FULL',
  ),
  row(
    'Supavisor',
    /Tenant or user not found|tenant .*not found|ENOTFOUND.*tenant/i,
    'PG_GATEWAY_TENANT_UNKNOWN',
  ),
  row(
    'Supavisor',
    /EAUTHQUERY|authentication query failed|auth_query/i,
    'PG_POOLER_CONFIG',
    /^(XX000|28\w{3}|08006)$/,
  ),
  row(
    'Supavisor',
    /DbHandlerExited|connection to (the )?database (is )?(closed|not available)|Unable to check ?out|ECHECKOUTTIMEOUT|ECONNDB/i,
    'PG_POOLER_CANNOT_REACH_SERVER',
  ),
  row(
    'Supavisor',
    /no more connections|too many connections to the pool/i,
    'PG_POOLER_FULL',
    /^(XX000|08\w{3})$/,
  ),

  row('Neon', /Endpoint ID is not specified|upgrade the postgres client library.*SNI/is, 'PG_GATEWAY_NO_SNI'),
  row(
    'Neon',
    /Inconsistent project name|endpoint .*(could not|cannot|not) (be )?found|project .*(could not|cannot|not) (be )?found|project id .*(not|malformed)|ENDPOINT_NOT_FOUND|branch .*not found/i,
    'PG_GATEWAY_TENANT_UNKNOWN',
  ),
  row(
    'Neon',
    /control plane request failed|console request failed|could ?n.t connect to compute|failed to acquire permit/i,
    'PG_POOLER_CANNOT_REACH_SERVER',
  ),
  row(
    null,
    /(compute|data transfer|active time|storage|spend|resource|request unit|usage|free)[\w ]*(quota|limit)s?|quota.*(exceeded|reached)|exceeded .*quota|endpoint (is|has been) disabled|planLimitReached|account has restrictions|project (is|has been) (suspended|paused|archived|deleted)|cluster is (paused|disabled)|account .*(suspended|locked)|billing/i,
    'PG_GATEWAY_SUSPENDED',
    /^(XX000|28\w{3}|57\w{3}|08\w{3}|53\w{3}|0A000|58\w{3})$/,
  ),

  row(
    'RDS Proxy',
    /RDS Proxy.*doesn.t (currently )?support|RDS Proxy currently doesn.t support|RDS proxy .*supports? only/i,
    'PG_POOLER_PARAMETER',
  ),
  row('RDS Proxy', /RDS proxy has no credentials/i, 'PG_GATEWAY_NO_SECRET'),
  row('RDS Proxy', /RDS Proxy requires (TLS|SSL)/i, 'PG_TLS_REQUIRED'),
  row('RDS Proxy', /Timed-?out waiting to acquire/i, 'PG_POOLER_WAITED'),
  row(
    'RDS Proxy',
    /(password.*role.*is wrong|password .*provided for the role|credentials .*(incorrect|invalid|wrong))/i,
    'PG_PASSWORD_REFUSED',
    /^28\w{3}$/,
  ),

  row(
    'Azure',
    /Username should be in .*username@hostname|Invalid Username specified/i,
    'PG_GATEWAY_USER_FORMAT',
  ),
  row(
    'Azure',
    /(server name|logical server|hostname).*(not found|does not exist|could not be resolved|invalid)/i,
    'PG_GATEWAY_TENANT_UNKNOWN',
    /^(28000|08\w{3}|XX000)$/,
  ),
  row(
    null,
    /(IP|client|your|source) address.*not (allowed|permitted|authorized|trusted|in )|address .*(is )?not (in the )?allow|firewall (rule|setting)|allow[ _-]?list|client from .*virtual networks? is not allowed/i,
    'PG_GATEWAY_ADDRESS_REFUSED',
  ),
  row(
    null,
    /access token|IAM (auth\w*|service account|group|principal|database|user)|(Azure AD|AAD|Entra|OAuth2?) (token|auth\w*)|token (is |has )?(expired|invalid)/i,
    'PG_GATEWAY_TOKEN_REFUSED',
    /^28\w{3}$/,
  ),

  row('Aurora DSQL', /^unable to accept connection, access denied/i, 'PG_GATEWAY_TOKEN_REFUSED'),
  row('Aurora DSQL', /^unable to accept connection, sni\b/i, 'PG_GATEWAY_NO_SNI'),

  row('CockroachDB', /node is running secure mode/i, 'PG_TLS_REQUIRED'),
  // It drains: PostgreSQL ends with this SQLSTATE only sessions that exist.
  row('CockroachDB', /^server is (not accepting clients|shutting down)/i, 'PG_SHUTTING_DOWN', /^57P0[13]$/),
  row('CockroachDB', /unable to reach backend SQL server/i, 'PG_POOLER_CANNOT_REACH_SERVER'),
  row(
    'CockroachDB',
    /missing cluster (name|identifier)|cluster .*(not found|identifier)|code(Params|Routing)\w*Failed/i,
    'PG_GATEWAY_TENANT_UNKNOWN',
    /^(08\w{3}|28000|XX000)$/,
  ),

  // Texts that any of them may use.
  row(
    null,
    /(SSL|TLS|encrypt(ed|ion)|secure)( connections?)? (is |are |has to be )?(required|mandatory|enforced)|requires? (an? |all connections to use )?(encrypt(ed|ion)|secure|SSL|TLS)|connection is insecure|must (use|be|connect (with|using)) (an? )?(SSL|TLS|encrypt)|(un-?encrypted|insecure|plain ?text|non-(SSL|TLS)) connections? (is|are)? ?(not (allowed|permitted|supported|accepted)|rejected|refused)/i,
    'PG_TLS_REQUIRED',
    /^(28000|08\w{3}|XX000|58\w{3}|0A000|57\w{3})$/,
  ),
  row(
    null,
    /(sent|no|without|missing) .*\bSNI\b|\bSNI\b .*(required|missing|not sent)|server name indication/i,
    'PG_GATEWAY_NO_SNI',
  ),
  row(
    null,
    /(tenant|project|cluster|endpoint|instance) .*(not found|does not exist|unknown)|(unknown|no such|invalid) (tenant|project|cluster|endpoint)/i,
    'PG_GATEWAY_TENANT_UNKNOWN',
    /^(XX000|28\w{3}|08\w{3}|3D000|58\w{3})$/,
  ),
];

function row(speaker: string | null, text: RegExp, code: CauseCode, state?: RegExp): SpokenRow {
  return state === undefined ? { speaker, text, code } : { speaker, text, code, state };
}

/** The row for this error; undefined where it is PostgreSQL's own. */
export function spokenRow(error: ServerError): SpokenRow | undefined {
  // A function of the server's source: a gateway has none, or passes on the server's own error.
  if (error.routine !== undefined && PG_ROUTINE.test(error.routine)) return undefined;
  const parts = [error.message, error.detail, error.hint].filter((part) => part !== undefined);
  const words = unquoted(parts.join('\n'));
  return SPOKEN.find(
    ({ text, state }) => (state === undefined || state.test(error.code)) && text.test(words),
  );
}
