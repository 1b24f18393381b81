import { type Decoded, type Issue, issue } from '../../base/issue';
import { percentAdvice } from '../../base/percent-advice';
import { usesExternal } from './client-hello';
import type { DriverOptions } from './client-options';
import { checkTogether } from './uri-check';
import { isOptionName, isSecretOption, readOption, type UriOptions } from './uri-options';

export interface MongoHost {
  /** Name, IPv4 or IPv6 address without brackets, or the path of a Unix socket. */
  readonly host: string;
  /** 0 for a Unix socket. */
  readonly port: number;
}

/** A connection string, taken apart (connection string specification). */
export interface MongoUri {
  /** `mongodb+srv`: the hosts are still to be looked up, by whoever has a resolver. */
  readonly srv: boolean;
  readonly hosts: readonly MongoHost[];
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Default database: the authentication source when none is named. */
  readonly database: string | undefined;
  readonly options: UriOptions;
}

/** Longest connection string looked at. */
const MAX_LENGTH = 64 * 1024;
const MAX_HOSTS = 100;
const DEFAULT_PORT = 27_017;

/** Issues with these codes only warn; with any other the connection string cannot be used. */
const WARNINGS = new Set([
  'URI_UNKNOWN_OPTION',
  'URI_BAD_OPTION',
  'URI_DUPLICATE_OPTION',
  'URI_NOT_FOLLOWED',
  'URI_NEEDS_RESOLVER',
]);

/** Whether an issue of {@link parseMongoUri} is only a warning. */
export function isWarning(found: Issue): boolean {
  return WARNINGS.has(found.code);
}

/**
 * Reads `mongodb://` and `mongodb+srv://` connection strings. Never throws. Messages never quote the password.
 */
export function parseMongoUri(text: string): Decoded<MongoUri> {
  const issues: Issue[] = [];
  const empty: MongoUri = {
    srv: false,
    hosts: [],
    user: undefined,
    password: undefined,
    database: undefined,
    options: {},
  };
  if (text.length > MAX_LENGTH) {
    return {
      value: empty,
      issues: [issue('URI_TOO_LONG', `A connection string of ${text.length} characters`)],
    };
  }
  const scheme = /^(mongodb(?:\+srv)?):\/\//.exec(text);
  if (!scheme) {
    const words = 'A connection string begins with mongodb:// or mongodb+srv://';
    return { value: empty, issues: [issue('URI_SCHEME', words, 0)] };
  }
  const srv = scheme[1] === 'mongodb+srv';
  const start = scheme[0].length;
  const { authority, path, query } = split(text.slice(start));
  const at = authority.lastIndexOf('@');
  const credentials = at < 0 ? undefined : readCredentials(authority.slice(0, at), start, issues);
  const hosts = readHosts(authority.slice(at + 1), start + at + 1, srv, issues);
  if (isCutShort(authority, text.slice(start + authority.length), issues)) {
    const userPart = text.slice(start, text.lastIndexOf('@')).replace(':', '');
    return { value: empty, issues: [issue('URI_ESCAPE', percentAdvice(userPart), start)] };
  }
  const database = readDatabase(path, start + authority.length + 1, issues);
  const { options, given } = readOptions(query, issues);
  const { user, password } = credentials ?? {};
  issues.push(...checkTogether({ srv, hosts: hosts.length, user, password, options, given }));
  if (srv) {
    const name = `_${options.srvServiceName ?? 'mongodb'}._tcp.${hosts[0]?.host ?? ''}`;
    issues.push(issue('URI_NEEDS_RESOLVER', `The hosts are in the SRV record of ${name}`));
  }
  return { value: { srv, hosts, user, password, database, options }, issues };
}

/** Authority, path and query. A socket's path is percent-encoded, so the first slash ends the authority. */
function split(rest: string): { readonly authority: string; readonly path: string; readonly query: string } {
  const question = rest.indexOf('?');
  const before = question < 0 ? rest : rest.slice(0, question);
  const query = question < 0 ? '' : rest.slice(question + 1);
  const slash = before.indexOf('/');
  if (slash < 0) return { authority: before, path: '', query };
  return { authority: before.slice(0, slash), path: before.slice(slash + 1), query };
}

/**
 * Whether an "@", "/" or "?" of a user or password was taken for the end of the authority: another "@" comes behind it, and it is not in
 * the value of an option that is known. Two or three letters that happen to be an option's name are not enough.
 */
function isCutShort(authority: string, rest: string, issues: readonly Issue[]): boolean {
  if (!rest.includes('@')) return false;
  const question = rest.indexOf('?');
  if (question < 0 || rest.slice(0, question).includes('@')) return true;
  const known = rest
    .slice(question + 1)
    .split('&')
    .every((part) => !part.includes('@') || isKnownPair(part));
  // Without a password in front of it, what is not an option at all may be the end of one.
  const doubtful =
    authority.includes(':') &&
    !rest
      .slice(question + 1)
      .split('&')
      .every(isKnownPair);
  return !known || doubtful || issues.some(({ code }) => code === 'URI_BAD_HOST');
}

function isKnownPair(part: string): boolean {
  const name = part.slice(0, Math.max(0, part.indexOf('=')));
  return part === '' || (name.length >= 4 && !name.includes('@') && isOptionName(name));
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function readCredentials(
  text: string,
  offset: number,
  issues: Issue[],
): { readonly user: string | undefined; readonly password: string | undefined } | undefined {
  const colon = text.indexOf(':');
  const rawUser = colon < 0 ? text : text.slice(0, colon);
  const rawPassword = colon < 0 ? undefined : text.slice(colon + 1);
  if (/[@:/]/.test(rawUser) || /[@:/]/.test(rawPassword ?? '')) {
    issues.push(issue('URI_ESCAPE', percentAdvice(`${rawUser}${rawPassword ?? ''}`), offset));
    return undefined;
  }
  const user = decode(rawUser);
  const password = rawPassword === undefined ? undefined : decode(rawPassword);
  if (user === undefined || (rawPassword !== undefined && password === undefined)) {
    const which = user === undefined ? 'user' : 'password';
    issues.push(
      issue('URI_ESCAPE', `The ${which} has a "%" that is not percent-encoding; write %25`, offset),
    );
    return undefined;
  }
  if (user === '') {
    issues.push(issue('URI_NO_USER', 'The user is empty', offset));
    return undefined;
  }
  return { user, password };
}

function readHosts(text: string, offset: number, srv: boolean, issues: Issue[]): MongoHost[] {
  if (text === '') {
    issues.push(issue('URI_NO_HOST', 'The connection string names no host', offset));
    return [];
  }
  const hosts: MongoHost[] = [];
  let at = offset;
  for (const part of text.split(',').slice(0, MAX_HOSTS)) {
    const host = readHost(part, srv);
    if (typeof host === 'string') issues.push(issue('URI_BAD_HOST', host, at));
    else hosts.push(host);
    at += part.length + 1;
  }
  return hosts;
}

/** A host, or what is wrong with it. Its text is not quoted: where "@" or the host is missing, it holds the password. */
function readHost(text: string, srv: boolean): MongoHost | string {
  if (text === '') return 'A host is empty';
  const path = /%2f/i.test(text) ? decode(text) : undefined;
  if (path?.endsWith('.sock')) return srv ? 'mongodb+srv takes no Unix socket' : { host: path, port: 0 };
  const match = /^(?:\[([0-9A-Fa-f:.%]+)\]|([^:[\]]+))(?::(.*))?$/s.exec(text);
  if (!match) return 'A host cannot be read; an IPv6 address needs brackets';
  const host = decode(match[1] ?? match[2]);
  if (host === undefined || host === '') return 'A host has a "%" that is not percent-encoding';
  const port = match[3];
  if (port === undefined) return { host: host.toLowerCase(), port: DEFAULT_PORT };
  if (srv) return 'mongodb+srv takes no port: the SRV record has it';
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65_535) return 'A host is followed by what is not a port, 1 to 65535';
  return { host: host.toLowerCase(), port: number };
}

function readDatabase(path: string, offset: number, issues: Issue[]): string | undefined {
  if (path === '') return undefined;
  const database = decode(path);
  if (database === undefined || /[/\\ "$]/.test(database)) {
    issues.push(issue('URI_BAD_DATABASE', 'The database name has a character that it may not have', offset));
    return undefined;
  }
  return database;
}

interface ReadOptions {
  readonly options: UriOptions;
  readonly given: ReadonlySet<string>;
}

/** Options that may be given several times. */
const REPEATED = new Set(['compressors', 'readPreferenceTags']);

function readOptions(query: string, issues: Issue[]): ReadOptions {
  const options: Record<string, unknown> = {};
  const given = new Set<string>();
  // Behind an "@" that was not percent-encoded nothing is quoted: it may be a password's end.
  let quotable = !query.includes('@');
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? undefined : decode(part.slice(equals + 1));
    const named = isOptionName(name) || (quotable && equals > 0 && /^[A-Za-z][\w.]{0,63}$/.test(name));
    const shown = named ? `The option ${name}` : 'An option';
    quotable &&= !isSecretOption(name);
    if (equals <= 0) {
      issues.push(issue('URI_OPTION_PAIR', `${shown} is no NAME=value pair`));
      continue;
    }
    if (value === undefined) {
      issues.push(issue('URI_BAD_OPTION', `${shown} has no readable value`));
      continue;
    }
    const result = readOption(name, value);
    switch (result.kind) {
      case 'unknown':
        issues.push(issue('URI_UNKNOWN_OPTION', `${shown} is not known and was ignored`));
        continue;
      case 'invalid':
        issues.push(
          name.toLowerCase() === 'authsource'
            ? issue('URI_AUTH_SOURCE', 'authSource must not be empty')
            : issue('URI_BAD_OPTION', `${shown} wants ${result.expected} and was ignored`),
        );
        continue;
      case 'unsupported':
        issues.push(issue('URI_NOT_FOLLOWED', `${shown} is not followed: this client connects directly`));
        break;
      case 'value':
        if (result.complaint) {
          issues.push(issue('URI_BAD_OPTION', `${shown} ${result.complaint}`));
        }
        if (result.name === 'tls' && given.has('tls') && options.tls !== result.value) {
          issues.push(issue('URI_TLS_TWICE', 'tls (or ssl) is given twice, with different values'));
        }
        options[result.name] = result.value;
        break;
      case 'ignored':
        break;
      default:
        result satisfies never;
    }
    if (given.has(result.name) && !REPEATED.has(result.name) && result.name !== 'tls') {
      issues.push(issue('URI_DUPLICATE_OPTION', `${shown} is given twice; the last one counts`));
    }
    given.add(result.name);
  }
  return { options: options as UriOptions, given };
}

/** What one connection is told: authSource defaults to the database of the path, then to `admin` (authentication specification). */
export function driverOptions(uri: MongoUri): Omit<DriverOptions, 'random'> {
  const { options, user, password } = uri;
  const mechanism = options.authMechanism;
  const fallback = mechanism === 'PLAIN' ? '$external' : 'admin';
  return {
    user,
    password,
    mechanism,
    authSource: usesExternal(mechanism) ? '$external' : (options.authSource ?? uri.database ?? fallback),
    tls: options.tls ?? (uri.srv || tlsIsImplied(options)),
    replicaSet: options.replicaSet,
    appName: options.appName,
    compressors: options.compressors,
    connectTimeoutMs: options.connectTimeoutMS,
  };
}

/** Any option about TLS other than `tls` itself says that TLS is wanted (URI options specification). */
function tlsIsImplied(options: UriOptions): boolean {
  return Object.keys(options).some((name) => name.startsWith('tls') && name !== 'tls');
}
