import type { ConnectionOptions, OptionKeyword } from './connection-options';

/** Environment variables by name, as the operating system gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable behind each option (`PQconninfoOptions`). Options that are not here have none. */
export const ENVIRONMENT_VARIABLES: Readonly<Partial<Record<OptionKeyword, string>>> = {
  service: 'PGSERVICE',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  passfile: 'PGPASSFILE',
  channel_binding: 'PGCHANNELBINDING',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  dbname: 'PGDATABASE',
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  client_encoding: 'PGCLIENTENCODING',
  options: 'PGOPTIONS',
  application_name: 'PGAPPNAME',
  sslmode: 'PGSSLMODE',
  sslnegotiation: 'PGSSLNEGOTIATION',
  sslcompression: 'PGSSLCOMPRESSION',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  sslcertmode: 'PGSSLCERTMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcrl: 'PGSSLCRL',
  sslcrldir: 'PGSSLCRLDIR',
  sslsni: 'PGSSLSNI',
  requirepeer: 'PGREQUIREPEER',
  require_auth: 'PGREQUIREAUTH',
  min_protocol_version: 'PGMINPROTOCOLVERSION',
  max_protocol_version: 'PGMAXPROTOCOLVERSION',
  ssl_min_protocol_version: 'PGSSLMINPROTOCOLVERSION',
  ssl_max_protocol_version: 'PGSSLMAXPROTOCOLVERSION',
  gssencmode: 'PGGSSENCMODE',
  krbsrvname: 'PGKRBSRVNAME',
  gsslib: 'PGGSSLIB',
  gssdelegation: 'PGGSSDELEGATION',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
  load_balance_hosts: 'PGLOADBALANCEHOSTS',
};

/** Variables that become run-time parameters of the StartupMessage (`EnvironmentOptions`), in libpq's order. */
const PARAMETERS = [
  ['PGDATESTYLE', 'datestyle'],
  ['PGTZ', 'timezone'],
  ['PGGEQO', 'geqo'],
] as const;

/** The options with those from the environment added where nothing was said (`conninfo_add_defaults`). */
export function withEnvironment(options: ConnectionOptions, environment: Environment): ConnectionOptions {
  const filled: ConnectionOptions = { ...options };
  for (const [keyword, variable] of Object.entries(ENVIRONMENT_VARIABLES)) {
    filled[keyword as OptionKeyword] ??= environment[variable];
  }
  // The variable's form before sslmode existed.
  if (filled.sslmode === undefined && environment.PGREQUIRESSL?.startsWith('1')) filled.sslmode = 'require';
  return filled;
}

/** Run-time parameters that the environment asks for; `default` asks for nothing (`build_startup_packet`). */
export function environmentParameters(environment: Environment): (readonly [string, string])[] {
  const parameters: (readonly [string, string])[] = [];
  for (const [variable, parameter] of PARAMETERS) {
    const value = environment[variable];
    if (value !== undefined && value.toLowerCase() !== 'default') parameters.push([parameter, value]);
  }
  return parameters;
}
