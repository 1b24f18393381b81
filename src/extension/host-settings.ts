/**
 * `handshakeInspector.hosts`: what a user may write for a host, checked entry by entry, so that one bad entry does not take the others
 * away. The same rules stand in package.json as a JSON schema, for completion while typing; a test compares the two.
 */
import * as v from 'valibot';
import { SUPPORTED_MECHANISMS } from '../mongodb/mechanisms/mechanism';
import {
  CHANNEL_BINDINGS,
  LOAD_BALANCE_HOSTS,
  PROTOCOL_VERSIONS,
  SSL_CERT_MODES,
  SSL_MODES,
  SSL_NEGOTIATIONS,
  TARGET_SESSION_ATTRS,
  TLS_VERSIONS,
} from '../postgres/options/option-values';
import type { Protocol } from '../trace/model';

const text = (most: number) =>
  v.pipe(
    v.string('must be text'),
    v.minLength(1, 'must not be empty'),
    v.maxLength(most, `must be at most ${most} characters`),
  );
const port = v.pipe(
  v.number('must be a number'),
  v.integer('must be a whole number'),
  v.minValue(1, 'must be from 1 to 65535'),
  v.maxValue(65_535, 'must be from 1 to 65535'),
);
const flag = v.boolean('must be true or false');
const oneOf = <const T extends readonly string[]>(values: T) =>
  v.picklist(values, `must be one of ${values.join(', ')}`);

const common = { name: text(100), host: text(255), port: v.optional(port), user: v.optional(text(128)) };

export const postgresHostSchema = v.strictObject({
  ...common,
  protocol: v.literal('postgres'),
  hostaddr: v.optional(text(255)),
  database: v.optional(text(128)),
  sslmode: v.optional(oneOf(SSL_MODES)),
  sslnegotiation: v.optional(oneOf(SSL_NEGOTIATIONS)),
  sslrootcert: v.optional(text(4096)),
  sslcert: v.optional(text(4096)),
  sslkey: v.optional(text(4096)),
  channel_binding: v.optional(oneOf(CHANNEL_BINDINGS)),
  require_auth: v.optional(text(200)),
  sslcertmode: v.optional(oneOf(SSL_CERT_MODES)),
  ssl_min_protocol_version: v.optional(oneOf(TLS_VERSIONS)),
  ssl_max_protocol_version: v.optional(oneOf(TLS_VERSIONS)),
  min_protocol_version: v.optional(oneOf(PROTOCOL_VERSIONS)),
  max_protocol_version: v.optional(oneOf(PROTOCOL_VERSIONS)),
  target_session_attrs: v.optional(oneOf(TARGET_SESSION_ATTRS)),
  load_balance_hosts: v.optional(oneOf(LOAD_BALANCE_HOSTS)),
  service: v.optional(text(128)),
  passfile: v.optional(text(4096)),
  options: v.optional(text(1000)),
  application_name: v.optional(text(64)),
});

export const mongoHostSchema = v.strictObject({
  ...common,
  protocol: v.literal('mongodb'),
  authSource: v.optional(text(128)),
  authMechanism: v.optional(oneOf(SUPPORTED_MECHANISMS)),
  tls: v.optional(flag),
  tlsCAFile: v.optional(text(4096)),
  tlsCertificateKeyFile: v.optional(text(4096)),
  tlsAllowInvalidCertificates: v.optional(flag),
  tlsAllowInvalidHostnames: v.optional(flag),
  replicaSet: v.optional(text(128)),
  directConnection: v.optional(flag),
  compressors: v.optional(text(64)),
  appName: v.optional(text(128)),
});

export type PostgresHost = v.InferOutput<typeof postgresHostSchema>;
export type MongoHost = v.InferOutput<typeof mongoHostSchema>;
export type HostSetting = PostgresHost | MongoHost;

export interface HostProblem {
  /** Position in the setting, from 0. */
  readonly index: number;
  /** One sentence that names the entry. */
  readonly message: string;
}

export interface HostSettings {
  readonly hosts: readonly HostSetting[];
  readonly problems: readonly HostProblem[];
}

/** More entries than anybody tests by hand: what comes after is refused in words. */
const MAX_HOSTS = 200;

export const DEFAULT_PORT: Readonly<Record<Protocol, number>> = { postgres: 5432, mongodb: 27017 };

/** Reads the setting as it stands in a settings file, where anything may stand. */
export function parseHosts(value: unknown): HostSettings {
  if (value === undefined || value === null) return { hosts: [], problems: [] };
  if (!Array.isArray(value)) {
    return { hosts: [], problems: [{ index: 0, message: 'The setting must be a list of hosts.' }] };
  }
  const hosts: HostSetting[] = [];
  const problems: HostProblem[] = [];
  const names = new Set<string>();
  value.slice(0, MAX_HOSTS).forEach((entry: unknown, index) => {
    const problem = problemOf(entry, names);
    if (problem) problems.push({ index, message: `${entryName(entry, index)}: ${problem}.` });
    else {
      const host = entry as HostSetting;
      names.add(host.name);
      hosts.push(host);
    }
  });
  if (value.length > MAX_HOSTS) {
    problems.push({ index: MAX_HOSTS, message: `Only the first ${MAX_HOSTS} hosts are used.` });
  }
  return { hosts, problems };
}

function problemOf(entry: unknown, names: ReadonlySet<string>): string | null {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return 'it must be an object';
  const { protocol, password } = entry as { protocol?: unknown; password?: unknown };
  if (password !== undefined) {
    return 'a password does not belong in the settings; remove it, and it is asked for once and kept in the secret storage';
  }
  if (protocol !== 'postgres' && protocol !== 'mongodb') return '"protocol" must be "postgres" or "mongodb"';
  const parsed = v.safeParse(protocol === 'postgres' ? postgresHostSchema : mongoHostSchema, entry);
  if (!parsed.success) return issueText(parsed.issues[0]);
  return names.has(parsed.output.name) ? 'another host has the same name' : null;
}

function issueText(issue: v.BaseIssue<unknown>): string {
  const key = v.getDotPath(issue) ?? '';
  if (issue.type === 'strict_object') {
    const missing = issue.expected !== 'never';
    return missing ? `"${key}" is missing` : `"${key}" is not known here`;
  }
  return `"${key}" ${issue.message}`;
}

function entryName(entry: unknown, index: number): string {
  const name = (entry as { name?: unknown } | null)?.name;
  return typeof name === 'string' && name !== '' ? `Host "${name.slice(0, 60)}"` : `Host number ${index + 1}`;
}

/** What may stand in a path: `~` for the home folder, `${workspaceFolder}`, or a path relative to the workspace. */
export interface PathContext {
  readonly home: string;
  readonly workspace: string | undefined;
}

export function resolvePath(path: string, context: PathContext): string {
  if (path === '~' || path.startsWith('~/')) return context.home + path.slice(1);
  const { workspace } = context;
  if (workspace === undefined) return path;
  const expanded = path.split('$' + '{workspaceFolder}').join(workspace);
  const absolute = expanded.startsWith('/') || expanded.startsWith('\\\\') || /^[a-z]:[\\/]/i.test(expanded);
  return absolute ? expanded : `${workspace}/${expanded}`;
}

/**
 * The connection URI that says the same as the setting, without a password: libpq's form (PostgreSQL documentation, 34.1.1.2) or
 * MongoDB's connection string.
 */
export function hostUri(host: HostSetting, paths: PathContext): string {
  const user = host.user === undefined ? '' : `${encodeURIComponent(host.user)}@`;
  const places = placesOf(host).map(([place, port]) => uriPlace(place, port));
  const authority = user + places.join(',');
  const query = Object.entries(host)
    .filter(([key, value]) => value !== undefined && !IN_AUTHORITY.has(key))
    .map(
      ([key, value]) =>
        `${key}=${encodeURIComponent(PATHS.has(key) ? pathOf(String(value), paths) : String(value))}`,
    )
    .join('&');
  const database = host.protocol === 'postgres' && host.database ? encodeURIComponent(host.database) : '';
  return `${host.protocol === 'postgres' ? 'postgresql' : 'mongodb'}://${authority}/${database}${query ? `?${query}` : ''}`;
}

/** Where the host is, as it is shown: as in its URI, but the path of a Unix socket as it is and without a port. */
export function hostAddress(host: HostSetting): string {
  return placesOf(host)
    .map(([place, port]) => (place.startsWith('/') ? place : uriPlace(place, port)))
    .join(',');
}

function placesOf(host: HostSetting): [place: string, port: number][] {
  const port = host.port ?? DEFAULT_PORT[host.protocol];
  return host.host.split(',').map((place) => [place.trim(), port]);
}

/** A host with its port: its own, as in `a:27017,b:27018`, or that of the setting. */
function uriPlace(place: string, port: number): string {
  return /^(?:\[[^\]]+\]|[^:[\]]+):\d{1,5}$/.test(place) ? place : `${uriHost(place)}:${port}`;
}

/** A host as a URI writes it: an IPv6 address in brackets, the directory of a Unix socket percent-encoded. */
function uriHost(host: string): string {
  if (host.startsWith('/')) return encodeURIComponent(host);
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** What a URI says before its options. */
const IN_AUTHORITY: ReadonlySet<string> = new Set(['name', 'protocol', 'host', 'port', 'user', 'database']);

/** Options that name a file. */
const PATHS: ReadonlySet<string> = new Set([
  'sslrootcert',
  'sslcert',
  'sslkey',
  'passfile',
  'tlsCAFile',
  'tlsCertificateKeyFile',
]);

/** `system` is not a path: it asks for the operating system's authorities (libpq 16 and later). */
function pathOf(value: string, paths: PathContext): string {
  return value === 'system' ? value : resolvePath(value, paths);
}
