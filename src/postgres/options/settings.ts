import { nearest } from '../../base/nearest';
import { PROTOCOL_3_0, PROTOCOL_3_2, type ProtocolVersion, versionNumber } from '../constants';
import { type ConnectionOptions, type OptionKeyword, swallowedKeyword } from './connection-options';
import {
  CHANNEL_BINDINGS,
  type ChannelBindingMode,
  GSS_ENC_MODES,
  LOAD_BALANCE_HOSTS,
  PROTOCOL_VERSIONS,
  SSL_CERT_MODES,
  SSL_MODES,
  SSL_NEGOTIATIONS,
  type SslCertMode,
  type SslMode,
  type SslNegotiation,
  TARGET_SESSION_ATTRS,
  type TargetSessionAttrs,
  type TlsVersion,
} from './option-values';
import { parseRequireAuth } from './require-auth';
import { scramKeyProblem } from './scram-key';
import { tlsVersionRange } from './tls-version';

/** One place to try; several come from comma-separated lists. */
export interface HostSetting {
  /** Name, address or directory of a Unix socket; empty when only `hostaddr` was given. */
  readonly host: string;
  /** Address to connect to instead of looking `host` up; the certificate is still checked against `host`. */
  readonly hostaddr: string | null;
  readonly port: number;
  /** Of this host alone, from a password file. */
  readonly password?: string;
}

/** Options after libpq's defaults and checks (`pqConnectOptions2`). */
export interface ConnectionSettings {
  readonly hosts: readonly HostSetting[];
  /** Undefined when it was not written: the driver's default is the operating system's user. */
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Undefined: the user's name. */
  readonly database: string | undefined;
  readonly sslmode: SslMode;
  readonly sslnegotiation: SslNegotiation;
  readonly sslrootcert: string | undefined;
  /** File, and folder, of revocation lists. */
  readonly sslcrl: string | undefined;
  readonly sslcrldir: string | undefined;
  readonly sslsni: boolean;
  /** Whether the client's certificate is sent: never, when there is one, or the server must ask for it and accept it. */
  readonly sslcertmode: SslCertMode;
  /** Undefined: no limit. */
  readonly sslMinProtocolVersion: TlsVersion | undefined;
  readonly sslMaxProtocolVersion: TlsVersion | undefined;
  readonly channelBinding: ChannelBindingMode;
  readonly requireAuth: string | undefined;
  readonly targetSessionAttrs: TargetSessionAttrs;
  /** Hosts and their addresses in random order instead of the order written. */
  readonly loadBalanceHosts: boolean;
  /** Operating system user that the server behind a Unix socket must run as. */
  readonly requirePeer: string | undefined;
  /** Seconds; 0 waits without end, and libpq takes 1 for 2. */
  readonly connectTimeout: number;
  /** Empty: none is sent. Undefined: the driver's own name. */
  readonly applicationName: string | undefined;
  readonly options: string | undefined;
  readonly replication: string | undefined;
  readonly clientEncoding: string | undefined;
  /** Further run-time parameters, from the environment. */
  readonly parameters?: readonly (readonly [string, string])[];
  readonly minProtocolVersion: ProtocolVersion;
  readonly maxProtocolVersion: ProtocolVersion;
}

export type SettingsResult =
  | { readonly ok: true; readonly settings: ConnectionSettings }
  | { readonly ok: false; readonly message: string };

const DEFAULT_PORT = 5432;

export function connectionSettings(options: ConnectionOptions): SettingsResult {
  const hosts = hostSettings(options);
  if (typeof hosts === 'string') return { ok: false, message: hosts };
  // With sslrootcert=system the default grows stronger (conninfo_add_defaults).
  const sslmode = options.sslmode ?? (options.sslrootcert === 'system' ? 'verify-full' : 'prefer');
  const negotiation = options.sslnegotiation ?? 'postgres';
  const binding = options.channel_binding ?? 'prefer';
  const timeout = options.connect_timeout?.trim() || '0';
  const requireAuth = parseRequireAuth(options.require_auth);
  const tls = tlsVersionRange(options.ssl_min_protocol_version, options.ssl_max_protocol_version);
  const least = protocolVersion(options.min_protocol_version);
  const most = protocolVersion(options.max_protocol_version);
  const message =
    swallowedProblem(options) ??
    problem('sslmode', sslmode, SSL_MODES) ??
    problem('sslnegotiation', negotiation, SSL_NEGOTIATIONS) ??
    problem('channel_binding', binding, CHANNEL_BINDINGS) ??
    listedProblem(options) ??
    weakMode(sslmode as SslMode, negotiation, options.sslrootcert) ??
    (requireAuth.ok ? null : requireAuth.message) ??
    (tls.ok ? null : tls.message) ??
    scramKeyProblem('Client', options.scram_client_key) ??
    scramKeyProblem('Server', options.scram_server_key) ??
    (INTEGER.test(timeout) ? null : notInteger('connect_timeout')) ??
    integerProblem(options) ??
    (least ? null : unlisted('min_protocol_version', PROTOCOL_VERSIONS)) ??
    (most ? null : unlisted('max_protocol_version', PROTOCOL_VERSIONS));
  if (message) return { ok: false, message };
  const minProtocolVersion = least ?? PROTOCOL_3_0;
  // A minimum alone raises the maximum with it.
  const raised =
    !options.max_protocol_version && versionNumber(minProtocolVersion) > versionNumber(PROTOCOL_3_0);
  const maxProtocolVersion = raised ? PROTOCOL_3_2 : (most ?? PROTOCOL_3_0);
  if (versionNumber(minProtocolVersion) > versionNumber(maxProtocolVersion)) {
    return { ok: false, message: '"min_protocol_version" is greater than "max_protocol_version"' };
  }
  const seconds = Math.max(0, Number(timeout));
  return {
    ok: true,
    settings: {
      hosts,
      user: options.user || undefined,
      password: options.password,
      database: options.dbname || undefined,
      sslmode: sslmode as SslMode,
      sslnegotiation: negotiation as SslNegotiation,
      sslrootcert: options.sslrootcert || undefined,
      sslcrl: options.sslcrl || undefined,
      sslcrldir: options.sslcrldir || undefined,
      sslsni: options.sslsni !== '0',
      sslcertmode: (options.sslcertmode || 'allow') as SslCertMode,
      sslMinProtocolVersion: tls.ok ? tls.min : undefined,
      sslMaxProtocolVersion: tls.ok ? tls.max : undefined,
      channelBinding: binding as ChannelBindingMode,
      requireAuth: options.require_auth || undefined,
      targetSessionAttrs: (options.target_session_attrs ?? 'any') as TargetSessionAttrs,
      loadBalanceHosts: options.load_balance_hosts === 'random',
      requirePeer: options.requirepeer || undefined,
      connectTimeout: seconds === 1 ? 2 : seconds,
      applicationName: options.application_name ?? options.fallback_application_name,
      options: options.options || undefined,
      replication: options.replication || undefined,
      clientEncoding: options.client_encoding || undefined,
      minProtocolVersion,
      maxProtocolVersion,
    },
  };
}

/**
 * Lists of hosts, addresses and ports side by side; one port counts for all. A string is libpq's complaint. Without
 * a host libpq tries a Unix socket; here it is localhost, for only TCP can be captured.
 */
function hostSettings(options: ConnectionOptions): HostSetting[] | string {
  const addresses = options.hostaddr ? options.hostaddr.split(',') : [];
  const names = options.host ? options.host.split(',') : [];
  if (addresses.length > 0 && names.length > 0 && addresses.length !== names.length) {
    return `could not match ${names.length} host names to ${addresses.length} hostaddr values`;
  }
  const count = Math.max(addresses.length, names.length, 1);
  const ports = options.port ? options.port.split(',') : [''];
  if (ports.length !== 1 && ports.length !== count) {
    return `could not match ${ports.length} port numbers to ${count} hosts`;
  }
  const hosts: HostSetting[] = [];
  for (let i = 0; i < count; i++) {
    const text = (ports.length === 1 ? ports[0] : ports[i]).trim();
    const port = text === '' ? DEFAULT_PORT : Number(text);
    if (text !== '' && !INTEGER.test(text)) return notInteger('port');
    if (port < 1 || port > 65_535) return 'invalid port number: expected 1 to 65535';
    const hostaddr = addresses[i] || null;
    hosts.push({ host: names[i] || (hostaddr ? '' : 'localhost'), hostaddr, port });
  }
  return hosts;
}

const INTEGER = /^[+-]?\d{1,9}$/;

/** libpq quotes the value here and below. It is not shown: it may be a part of a password that was not quoted or percent-encoded. */
function notInteger(option: string): string {
  return `invalid integer value for connection option "${option}"`;
}

/** Options that are numbers and have no effect here. */
const INTEGERS: readonly OptionKeyword[] = [
  'keepalives',
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
  'tcp_user_timeout',
];

function integerProblem(options: ConnectionOptions): string | null {
  for (const option of INTEGERS) {
    const value = options[option]?.trim();
    if (value !== undefined && !INTEGER.test(value)) return notInteger(option);
  }
  return null;
}

/** Further options with a list of values; most have no effect here, and libpq checks them all the same. */
const LISTED_VALUES: Readonly<Partial<Record<OptionKeyword, readonly string[]>>> = {
  gssencmode: GSS_ENC_MODES,
  sslcertmode: SSL_CERT_MODES,
  target_session_attrs: TARGET_SESSION_ATTRS,
  load_balance_hosts: LOAD_BALANCE_HOSTS,
};

function listedProblem(options: ConnectionOptions): string | null {
  for (const [option, known] of Object.entries(LISTED_VALUES)) {
    const value = options[option as OptionKeyword];
    if (value !== undefined && !known.includes(value)) return unlisted(option, known, value);
  }
  // There is no GSSAPI here, so this is what a libpq without it says.
  return options.gssencmode === 'require'
    ? 'gssencmode value "require" invalid when GSSAPI support is not compiled in'
    : null;
}

/** libpq would take it for the name of a database, and go on without the option: without TLS, where that was the option. */
function swallowedProblem({ dbname = '' }: ConnectionOptions): string | null {
  const keyword = swallowedKeyword(dbname);
  if (keyword === null) return null;
  return (
    `the option ${keyword} is part of the database name: in a URI write "?" before the first option and "&" between options, ` +
    'in a list of keyword=value pairs a space between pairs and quotes around none'
  );
}

function problem(option: string, value: string, known: readonly string[]): string | null {
  return known.includes(value) ? null : unlisted(option, known, value);
}

/** libpq's words, what it expects, and the value that `written` is most likely meant for. */
function unlisted(option: string, known: readonly string[], written = ''): string {
  const meant = MEANT[option]?.[written.trim().toLowerCase()] ?? nearest(written, known);
  const advice = meant === null ? '' : `. Did you mean ${option}=${meant}?`;
  return `invalid ${option} value: expected ${known.join(', ')}${advice}`;
}

/** Values that other clients have for the same. */
const MEANT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  sslmode: {
    ...words('require', 'true', 'yes', 'on', '1', 'enable', 'enabled', 'required', 'force'),
    ...words('disable', 'false', 'no', 'off', '0', 'none', 'disabled'),
    ...words('verify-ca', 'verifyca', 'verify_ca'),
    ...words('verify-full', 'verify', 'verifyfull', 'verify_full', 'verify_identity', 'full', 'strict'),
    ...words('prefer', 'preferred'),
  },
  target_session_attrs: {
    ...words('primary', 'master'),
    ...words('standby', 'slave', 'secondary', 'replica'),
    ...words('prefer-standby', 'preferslave', 'prefersecondary'),
  },
};

function words(meant: string, ...written: readonly string[]): Record<string, string> {
  return Object.fromEntries(written.map((word) => [word, meant]));
}

/** Modes that could end in the clear contradict two other options. */
function weakMode(sslmode: SslMode, negotiation: string, rootcert: string | undefined): string | null {
  const weak = `weak sslmode "${sslmode}" may not be used with`;
  if (negotiation === 'direct' && ['disable', 'allow', 'prefer'].includes(sslmode)) {
    return `${weak} sslnegotiation=direct (use "require", "verify-ca", or "verify-full")`;
  }
  if (rootcert === 'system' && sslmode !== 'verify-full')
    return `${weak} sslrootcert=system (use "verify-full")`;
  return null;
}

function protocolVersion(text: string | undefined): ProtocolVersion | null {
  switch (text || '3.0') {
    case '3.0':
      return PROTOCOL_3_0;
    case '3.2':
    case 'latest':
      return PROTOCOL_3_2;
    default:
      return null;
  }
}
