import { isIP } from 'node:net';
import type { DriverOptions } from '../mongodb/client/client-options';
import {
  driverOptions,
  isMisspelling,
  isWarning,
  type MongoHost,
  type MongoUri,
  parseMongoUri,
} from '../mongodb/client/uri';
import { readOption, type UriOptions } from '../mongodb/client/uri-options';
import { misspeltValue } from '../mongodb/client/uri-spelling';
import { refusePlaceholders } from './placeholders';
import { TargetError } from './target-error';

/** A MongoDB server (or several, tried in order). */
export interface MongoTarget {
  readonly protocol: 'mongodb';
  /** With `srv`: the one name whose SRV record has the hosts. */
  readonly hosts: readonly MongoHost[];
  readonly srv: boolean;
  readonly driver: Omit<DriverOptions, 'random'>;
  /** Options of the connection string; those about TLS are files' paths or PEM text. */
  readonly options: UriOptions;
  /** What was wrong with the connection string and only ignored, as the drivers do. */
  readonly warnings: readonly string[];
}

/** @throws TargetError in words for the user; a password is never in them */
export function mongoTarget(text: string, overrides: Readonly<Record<string, string>>): MongoTarget {
  const { value, issues } = parseMongoUri(text);
  const fatal = issues.find((found) => !isWarning(found)) ?? issues.find(isMisspelling);
  if (fatal) throw new TargetError(sentence(fatal.message));
  refusePlaceholders([
    ['user', value.user],
    ['password', value.password],
    ['database', value.database],
    ...value.hosts.map(({ host }) => ['host', host] as const),
  ]);
  const options: Record<string, unknown> = { ...value.options };
  for (const [name, given] of Object.entries(overrides)) {
    const read = readOption(name, given);
    if (read.kind === 'value') options[read.name] = read.value;
    else if (read.kind === 'invalid') {
      const { advice } = misspeltValue(read.name, given);
      throw new TargetError(`${name} must be ${read.expected}.${advice === '' ? '' : ` ${advice}`}`);
    } else throw new TargetError(`"${name}" is not an option of MongoDB connections.`);
  }
  const warnings = issues
    .filter((found) => found.code !== 'URI_NEEDS_RESOLVER')
    .map((found) => found.message);
  return mongoTargetFrom({ ...value, options: options as UriOptions }, warnings);
}

function sentence(text: string): string {
  return /[.?]$/.test(text) ? text : `${text}.`;
}

/** From a connection string that was taken apart. @throws TargetError */
export function mongoTargetFrom(uri: MongoUri, warnings: readonly string[] = []): MongoTarget {
  const [first] = uri.hosts;
  if (!first) throw new TargetError('The connection string names no host.');
  if (uri.srv && isIP(first.host) !== 0)
    throw new TargetError('mongodb+srv:// needs a name, not an address.');
  const driver = driverOptions(uri);
  return {
    protocol: 'mongodb',
    hosts: uri.hosts,
    srv: uri.srv,
    driver: { ...driver, appName: driver.appName ?? 'handshake-inspector' },
    options: uri.options,
    warnings,
  };
}
