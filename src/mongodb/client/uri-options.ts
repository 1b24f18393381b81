import { MECHANISMS, type Mechanism } from '../mechanisms/mechanism';
import { isCompressor } from '../wire/compression';

/** Values of the connection string options that this client acts on (connection string and URI options specifications). */
export interface UriOptions {
  readonly authSource?: string;
  readonly authMechanism?: Mechanism;
  readonly authMechanismProperties?: Readonly<Record<string, string>>;
  readonly tls?: boolean;
  readonly tlsInsecure?: boolean;
  readonly tlsAllowInvalidCertificates?: boolean;
  readonly tlsAllowInvalidHostnames?: boolean;
  readonly tlsCAFile?: string;
  readonly tlsCertificateKeyFile?: string;
  readonly tlsCertificateKeyFilePassword?: string;
  readonly directConnection?: boolean;
  readonly loadBalanced?: boolean;
  readonly replicaSet?: string;
  readonly appName?: string;
  readonly compressors?: readonly string[];
  readonly connectTimeoutMS?: number;
  readonly serverSelectionTimeoutMS?: number;
  readonly socketTimeoutMS?: number;
  readonly srvServiceName?: string;
  readonly srvMaxHosts?: number;
  /** The handshake does not depend on it; which members a driver uses after it does. */
  readonly readPreference?: string;
}

/** What was read of a value, or what it should have been. A complaint comes beside a value of which a part was left out. */
type ReadValue = { readonly value: unknown; readonly complaint?: string } | { readonly expected: string };
type Read = (value: string) => ReadValue;

const text: Read = (value) => (value === '' ? { expected: 'a value' } : { value });

const flag: Read = (value) =>
  value === 'true' || value === 'false' ? { value: value === 'true' } : { expected: 'true or false' };

const oneOf =
  (...words: readonly string[]): Read =>
  (value) =>
    words.includes(value) ? { value } : { expected: words.join(', ') };

function wholeNumber(least: number, most: number, unit: string): Read {
  return (value) => {
    const number = /^-?\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
    return number >= least && number <= most ? { value: number } : { expected: unit };
  };
}

const MAX_INT32 = 2_147_483_647;
const milliseconds = wholeNumber(0, MAX_INT32, 'a number of milliseconds');
const count = wholeNumber(0, MAX_INT32, 'a whole number, 0 or more');

const mechanism: Read = (value) => {
  const known = MECHANISMS.find((candidate) => candidate === value);
  return known ? { value: known } : { expected: MECHANISMS.join(', ') };
};

/** Those that are not known are left out, each with a warning (compression specification). */
const compressors: Read = (value) => {
  const names = value.split(',').filter((name) => name !== '');
  const strange = names.filter((name) => !isCompressor(name));
  const known = names.filter(isCompressor);
  if (strange.length === 0) return { value: known };
  return { value: known, complaint: 'names a compressor that is not known, which was left out' };
};

/** `NAME:value,NAME:value`; a value may have colons and no commas (authentication specification, Connection String Options). */
const properties: Read = (value) => {
  const pairs = value.split(',').map((pair) => pair.split(/:(.*)/s, 2));
  const complete = pairs.every((pair) => pair.length === 2 && pair[0] !== '');
  return complete ? { value: Object.fromEntries(pairs) } : { expected: 'NAME:value pairs' };
};

const tagSet: Read = (value) =>
  value === '' || value.split(',').every((pair) => /^[^:]+:[^:]*$/.test(pair))
    ? { value }
    : { expected: 'NAME:value pairs' };

/** Options that this client acts on. */
const USED: Readonly<Record<keyof UriOptions, Read>> = {
  authSource: text,
  authMechanism: mechanism,
  authMechanismProperties: properties,
  tls: flag,
  tlsInsecure: flag,
  tlsAllowInvalidCertificates: flag,
  tlsAllowInvalidHostnames: flag,
  tlsCAFile: text,
  tlsCertificateKeyFile: text,
  tlsCertificateKeyFilePassword: text,
  directConnection: flag,
  loadBalanced: flag,
  replicaSet: text,
  appName: text,
  compressors,
  connectTimeoutMS: milliseconds,
  serverSelectionTimeoutMS: milliseconds,
  socketTimeoutMS: milliseconds,
  srvServiceName: text,
  srvMaxHosts: count,
  readPreference: oneOf('primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest'),
};

/** Options that change nothing about a handshake: their values are checked, and nothing is done with them. */
const WITHOUT_EFFECT: Readonly<Record<string, Read>> = {
  heartbeatFrequencyMS: wholeNumber(500, MAX_INT32, 'a number of milliseconds, 500 or more'),
  journal: flag,
  localThresholdMS: milliseconds,
  maxConnecting: wholeNumber(1, MAX_INT32, 'a whole number, 1 or more'),
  maxIdleTimeMS: milliseconds,
  maxPoolSize: count,
  maxStalenessSeconds: wholeNumber(-1, MAX_INT32, 'a number of seconds, or -1'),
  minPoolSize: count,
  readConcernLevel: text,
  readPreferenceTags: tagSet,
  retryReads: flag,
  retryWrites: flag,
  serverMonitoringMode: oneOf('auto', 'stream', 'poll'),
  serverSelectionTryOnce: flag,
  timeoutMS: milliseconds,
  tlsDisableCertificateRevocationCheck: flag,
  tlsDisableOCSPEndpointCheck: flag,
  w: (value) =>
    /^-/.test(value) || value === '' ? { expected: 'a whole number, majority or a name' } : { value },
  waitQueueTimeoutMS: milliseconds,
  wTimeoutMS: milliseconds,
  zlibCompressionLevel: wholeNumber(-1, 9, 'a whole number from -1 to 9'),
};

/** Options that would change how the server is reached, and that this client does not follow. */
const NOT_FOLLOWED: Readonly<Record<string, Read>> = {
  proxyHost: text,
  proxyPort: wholeNumber(1, 65_535, 'a port'),
  proxyUsername: text,
  proxyPassword: text,
};

interface Rule {
  readonly name: string;
  readonly read: Read;
  readonly kind: 'value' | 'ignored' | 'unsupported';
}

const RULES: ReadonlyMap<string, Rule> = new Map(
  (
    [
      ['value', USED],
      ['ignored', WITHOUT_EFFECT],
      ['unsupported', NOT_FOLLOWED],
    ] as const
  ).flatMap(([kind, table]) =>
    Object.entries(table).map(([name, read]) => [name.toLowerCase(), { name, read, kind }] as const),
  ),
);

/** Names of all options, those without an effect here included. */
export const OPTION_NAMES: readonly string[] = [...RULES.values()].map(({ name }) => name);

/** Older spelling of an option that is still taken. */
const ALIASES: ReadonlyMap<string, string> = new Map([['ssl', 'tls']]);

export type OptionResult =
  | {
      readonly kind: 'value';
      readonly name: keyof UriOptions;
      readonly value: unknown;
      readonly complaint?: string;
    }
  | { readonly kind: 'ignored'; readonly name: string }
  /** Known, and this client does not follow it. */
  | { readonly kind: 'unsupported'; readonly name: string }
  | { readonly kind: 'unknown' }
  /** The specification: warn, and go on as if it was not given. */
  | { readonly kind: 'invalid'; readonly name: string; readonly expected: string };

/** Options that hold a password or token: what follows one in a connection string may be a part of it. */
const SECRET_OPTIONS: ReadonlySet<string> = new Set([
  'tlscertificatekeyfilepassword',
  'proxypassword',
  'authmechanismproperties',
  'password',
  'pwd',
]);

export function isSecretOption(name: string): boolean {
  return SECRET_OPTIONS.has(name.toLowerCase());
}

/** Whether it is the name of an option, one that has no effect here included. */
export function isOptionName(name: string): boolean {
  const lower = name.toLowerCase();
  return RULES.has(ALIASES.get(lower) ?? lower);
}

/** The name that the specification gives an option, whatever case or older name it was written in; undefined for what is none. */
export function optionName(written: string): string | undefined {
  const lower = written.toLowerCase();
  return RULES.get(ALIASES.get(lower) ?? lower)?.name;
}

/** Reads one option; its name is taken without regard to case. `value` is already percent-decoded. */
export function readOption(name: string, value: string): OptionResult {
  const lower = name.toLowerCase();
  const rule = RULES.get(ALIASES.get(lower) ?? lower);
  if (!rule) return { kind: 'unknown' };
  const read = rule.read(value);
  if ('expected' in read) return { kind: 'invalid', name: rule.name, ...read };
  if (rule.kind === 'value') return { kind: 'value', name: rule.name as keyof UriOptions, ...read };
  return { kind: rule.kind, name: rule.name };
}
