import type { DriverOptions } from '../mongodb/client-options';
import { MECHANISMS, type Mechanism } from '../mongodb/mechanisms/mechanism';
import { TargetError } from './target-error';

export interface MongoTls {
  /** Path or PEM text. */
  readonly caFile?: string;
  readonly certificateKeyFile?: string;
  readonly certificateKeyFilePassword?: string;
  readonly allowInvalidCertificates?: boolean;
  readonly allowInvalidHostnames?: boolean;
}

/** A MongoDB server (or several, tried in order). */
export interface MongoTarget {
  readonly protocol: 'mongodb';
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly driver: Omit<DriverOptions, 'random' | 'connectTimeoutMs'>;
  readonly tls: MongoTls;
}

const DEFAULT_PORT = 27017;
const MAX_LENGTH = 64 * 1024;
const FLAGS = [
  'tls',
  'ssl',
  'tlsAllowInvalidCertificates',
  'tlsAllowInvalidHostnames',
  'tlsInsecure',
] as const;

/** @throws TargetError in words for the user */
export function mongoTarget(text: string, overrides: Readonly<Record<string, string>>): MongoTarget {
  if (text.length > MAX_LENGTH)
    throw new TargetError(`The connection string is longer than ${MAX_LENGTH} characters.`);
  if (/^mongodb\+srv:/i.test(text)) {
    throw new TargetError(
      'mongodb+srv:// is not supported: give the hosts themselves in a mongodb:// string.',
    );
  }
  const match = /^mongodb:\/\/(?:([^@/]*)@)?([^/?@]*)(?:\/([^?]*))?(?:\?(.*))?$/i.exec(text);
  if (!match)
    throw new TargetError(
      'This is no MongoDB connection string: mongodb://[user@]host[:port][/database][?options].',
    );
  const [, credentials, authority, database = '', query = ''] = match;
  const options = new Options(query, overrides);
  const { user, password } = credentialsOf(credentials);
  const mechanism = mechanismOf(options.text('authMechanism'));
  const authSource = options.text('authSource') ?? (decode(database) || undefined);
  return {
    protocol: 'mongodb',
    hosts: authority.split(',').map(hostOf),
    driver: {
      ...(user ? { user } : {}),
      ...(password !== undefined ? { password } : {}),
      ...(authSource ? { authSource } : {}),
      ...(mechanism ? { mechanism } : {}),
      tls: options.flag('tls') || options.flag('ssl'),
      appName: options.text('appName') ?? 'handshake-inspector',
    },
    tls: {
      ...optional('caFile', options.text('tlsCAFile')),
      ...optional('certificateKeyFile', options.text('tlsCertificateKeyFile')),
      ...optional('certificateKeyFilePassword', options.text('tlsCertificateKeyFilePassword')),
      allowInvalidCertificates: options.flag('tlsAllowInvalidCertificates') || options.flag('tlsInsecure'),
      allowInvalidHostnames: options.flag('tlsAllowInvalidHostnames') || options.flag('tlsInsecure'),
    },
  };
}

/** Names are compared without regard to case (connection string specification); of one given twice the first counts. */
class Options {
  readonly #values = new Map<string, string>();

  constructor(query: string, overrides: Readonly<Record<string, string>>) {
    for (const [name, value] of Object.entries(overrides)) this.#set(name, value);
    for (const part of query.split('&')) {
      if (part === '') continue;
      const equals = part.indexOf('=');
      if (equals < 1) throw new TargetError(`The option "${part.slice(0, 60)}" has no value.`);
      this.#set(decode(part.slice(0, equals)), decode(part.slice(equals + 1)));
    }
  }

  text(name: string): string | undefined {
    return this.#values.get(name.toLowerCase()) || undefined;
  }

  flag(name: (typeof FLAGS)[number]): boolean {
    const value = this.text(name);
    if (value === undefined || value === 'false') return false;
    if (value === 'true') return true;
    throw new TargetError(`${name} must be true or false, not "${value}".`);
  }

  #set(name: string, value: string): void {
    const key = name.toLowerCase();
    if (!this.#values.has(key)) this.#values.set(key, value);
  }
}

function credentialsOf(text: string | undefined): { user?: string; password?: string } {
  if (text === undefined) return {};
  const colon = text.indexOf(':');
  if (colon < 0) return { user: decode(text) };
  return { user: decode(text.slice(0, colon)), password: decode(text.slice(colon + 1)) };
}

function hostOf(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? decode(match?.[2] ?? '');
  const port = Number(match?.[3] ?? DEFAULT_PORT);
  if (!match || host === '') throw new TargetError(`"${text.slice(0, 100)}" is not a host or host:port.`);
  if (port < 1 || port > 65_535) throw new TargetError(`The port ${port} is not from 1 to 65535.`);
  return { host, port };
}

function mechanismOf(name: string | undefined): Mechanism | undefined {
  if (name === undefined) return undefined;
  const known = MECHANISMS.find((mechanism) => mechanism === name.toUpperCase());
  if (!known) throw new TargetError(`authMechanism must be one of ${MECHANISMS.join(', ')}, not "${name}".`);
  return known;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // The text may be a password: it is not shown.
    throw new TargetError(
      'A part of the connection string has a % that is not followed by two hexadecimal digits.',
    );
  }
}

function optional<K extends string>(name: K, value: string | undefined): { [key in K]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { [key in K]?: string });
}
