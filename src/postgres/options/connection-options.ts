import { nearest } from '../../base/nearest';

/**
 * The options of a libpq connection string (`PQconninfoOptions`), and which of them this project acts on. The others are
 * accepted, as libpq accepts them, and have no effect here.
 */
export const OPTION_KEYWORDS = [
  'service',
  'user',
  'password',
  'passfile',
  'channel_binding',
  'connect_timeout',
  'dbname',
  'host',
  'hostaddr',
  'port',
  'client_encoding',
  'options',
  'application_name',
  'fallback_application_name',
  'keepalives',
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
  'tcp_user_timeout',
  'sslmode',
  'sslnegotiation',
  'sslcompression',
  'sslcert',
  'sslkey',
  'sslcertmode',
  'sslpassword',
  'sslrootcert',
  'sslcrl',
  'sslcrldir',
  'sslsni',
  'requirepeer',
  'require_auth',
  'min_protocol_version',
  'max_protocol_version',
  'ssl_min_protocol_version',
  'ssl_max_protocol_version',
  'gssencmode',
  'krbsrvname',
  'gsslib',
  'gssdelegation',
  'replication',
  'target_session_attrs',
  'load_balance_hosts',
  'scram_client_key',
  'scram_server_key',
  'sslkeylogfile',
  'oauth_issuer',
  'oauth_client_id',
  'oauth_client_secret',
  'oauth_scope',
] as const;

export type OptionKeyword = (typeof OPTION_KEYWORDS)[number];

/** Options by keyword, as they were written; a missing one has libpq's default. */
export type ConnectionOptions = Partial<Record<OptionKeyword, string>>;

export type ConnectionOptionsResult =
  | { readonly ok: true; readonly options: ConnectionOptions }
  /** libpq's own words, without the values that it quotes: they may be a password or a part of one. */
  | { readonly ok: false; readonly message: string };

const KNOWN: ReadonlySet<string> = new Set(OPTION_KEYWORDS);

/** Options whose value is secret: what follows such a value in a refused string may be a part of it, and is not quoted. */
const SECRET_OPTIONS: ReadonlySet<string> = new Set([
  'password',
  'sslpassword',
  'scram_client_key',
  'scram_server_key',
  'oauth_client_secret',
]);

export function isSecretOption(keyword: string): boolean {
  return SECRET_OPTIONS.has(keyword);
}

/** An option that stands in the text of another; null where there is none. */
export function swallowedKeyword(text: string): string | null {
  const match = /(?:^|[?;&,\s])([A-Za-z_]{4,40})\s*=/.exec(text);
  return match && KNOWN.has(match[1]) ? match[1] : null;
}

/** What other clients call an option of libpq, in small letters. */
const OTHER_NAMES: Readonly<Record<string, OptionKeyword>> = {
  ssl: 'sslmode',
  usessl: 'sslmode',
  tls: 'sslmode',
  sslfactory: 'sslmode',
  sslrootcertfile: 'sslrootcert',
  sslca: 'sslrootcert',
  database: 'dbname',
  databasename: 'dbname',
  db: 'dbname',
  username: 'user',
  pass: 'password',
  pwd: 'password',
  server: 'host',
  hostname: 'host',
  applicationname: 'application_name',
  connecttimeout: 'connect_timeout',
  timeout: 'connect_timeout',
  logintimeout: 'connect_timeout',
  targetservertype: 'target_session_attrs',
  loadbalancehosts: 'load_balance_hosts',
  channelbinding: 'channel_binding',
  currentschema: 'options',
  schema: 'options',
  search_path: 'options',
};

/** `; did you mean sslmode?`, or empty. @param written a name that is no option's */
export function keywordAdvice(written: string): string {
  const plain = written.replace(/^amp;/i, '');
  const meant =
    OTHER_NAMES[plain.toLowerCase()] ?? (plain.length >= 3 ? nearest(plain, OPTION_KEYWORDS) : null);
  return meant === null ? '' : `; did you mean ${meant}?`;
}

/** Whether a text that is not an option may be shown as one: it looks like a name. */
export function looksLikeKeyword(text: string): boolean {
  return /^[A-Za-z_][\w.]{0,62}$/.test(text);
}

export function isOptionKeyword(keyword: string): keyword is OptionKeyword {
  return KNOWN.has(keyword);
}

/** Stores a value; false when libpq does not know the keyword (`conninfo_storeval`). */
export function storeOption(options: ConnectionOptions, keyword: string, value: string): boolean {
  // Its name before sslmode existed.
  if (keyword === 'requiressl') {
    options.sslmode = value.startsWith('1') ? 'require' : 'prefer';
    return true;
  }
  if (!isOptionKeyword(keyword)) return false;
  options[keyword] = value;
  return true;
}
