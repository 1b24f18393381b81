import { MECHANISMS, type Mechanism } from './mechanisms/mechanism';

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
}

type Kind = 'string' | 'boolean' | 'number' | 'list' | 'pairs' | 'mechanism';

/** Options by lower-case name: their spelling and how a value is read. */
const KNOWN: ReadonlyMap<string, { readonly name: keyof UriOptions; readonly kind: Kind }> = new Map(
  (
    [
      ['authSource', 'string'],
      ['authMechanism', 'mechanism'],
      ['authMechanismProperties', 'pairs'],
      ['tls', 'boolean'],
      ['tlsInsecure', 'boolean'],
      ['tlsAllowInvalidCertificates', 'boolean'],
      ['tlsAllowInvalidHostnames', 'boolean'],
      ['tlsCAFile', 'string'],
      ['tlsCertificateKeyFile', 'string'],
      ['tlsCertificateKeyFilePassword', 'string'],
      ['directConnection', 'boolean'],
      ['loadBalanced', 'boolean'],
      ['replicaSet', 'string'],
      ['appName', 'string'],
      ['compressors', 'list'],
      ['connectTimeoutMS', 'number'],
      ['serverSelectionTimeoutMS', 'number'],
      ['socketTimeoutMS', 'number'],
      ['srvServiceName', 'string'],
    ] as const
  ).map(([name, kind]) => [name.toLowerCase(), { name, kind }]),
);

/** Older spelling of an option that is still taken. */
const ALIASES: ReadonlyMap<string, string> = new Map([['ssl', 'tls']]);

/** Options of the specification that change nothing about a handshake: accepted without a word. */
const IGNORED = new Set(
  [
    'heartbeatFrequencyMS',
    'journal',
    'localThresholdMS',
    'maxConnecting',
    'maxIdleTimeMS',
    'maxPoolSize',
    'maxStalenessSeconds',
    'minPoolSize',
    'proxyHost',
    'proxyPort',
    'proxyUsername',
    'proxyPassword',
    'readConcernLevel',
    'readPreference',
    'readPreferenceTags',
    'retryReads',
    'retryWrites',
    'serverMonitoringMode',
    'serverSelectionTryOnce',
    'srvMaxHosts',
    'timeoutMS',
    'tlsDisableCertificateRevocationCheck',
    'tlsDisableOCSPEndpointCheck',
    'w',
    'waitQueueTimeoutMS',
    'wTimeoutMS',
    'zlibCompressionLevel',
  ].map((name) => name.toLowerCase()),
);

export type OptionResult =
  | { readonly kind: 'value'; readonly name: keyof UriOptions; readonly value: unknown }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'unknown' }
  /** The specification: warn, and go on as if it was not given. */
  | { readonly kind: 'invalid'; readonly expected: string };

/** Reads one option; its name is taken without regard to case. `value` is already percent-decoded. */
export function readOption(name: string, value: string): OptionResult {
  const lower = name.toLowerCase();
  const known = KNOWN.get(ALIASES.get(lower) ?? lower);
  if (!known) return { kind: IGNORED.has(lower) ? 'ignored' : 'unknown' };
  const read = readValue(known.kind, value);
  return 'value' in read
    ? { kind: 'value', name: known.name, value: read.value }
    : { kind: 'invalid', ...read };
}

function readValue(kind: Kind, value: string): { readonly value: unknown } | { readonly expected: string } {
  switch (kind) {
    case 'string':
      return value === '' ? { expected: 'a value' } : { value };
    case 'boolean':
      return value === 'true' || value === 'false'
        ? { value: value === 'true' }
        : { expected: 'true or false' };
    case 'number':
      return /^\d{1,9}$/.test(value) ? { value: Number(value) } : { expected: 'a number of milliseconds' };
    case 'list':
      return { value: value.split(',').filter((item) => item !== '') };
    case 'mechanism': {
      const mechanism = MECHANISMS.find((candidate) => candidate === value);
      return mechanism ? { value: mechanism } : { expected: MECHANISMS.join(', ') };
    }
    case 'pairs': {
      const pairs = value.split(',').map((pair) => pair.split(/:(.*)/s, 2));
      const complete = pairs.every((pair) => pair.length === 2 && pair[0] !== '');
      return complete ? { value: Object.fromEntries(pairs) } : { expected: 'NAME:value pairs' };
    }
    default: {
      const never: never = kind;
      return never;
    }
  }
}
