import { type Decoded, type Issue, issue } from '../../base/issue';
import { percentAdvice } from '../../base/percent-advice';
import { usesExternal } from './client-hello';
import type { DriverOptions } from './client-options';
import { checkTogether } from './uri-check';
import { isOptionName, isSecretOption, readOption, type UriOptions } from './uri-options';
import {
  isDecisiveName,
  type Misspelling,
  misspeltName,
  misspeltValue,
  swallowedOption,
  withoutEntity,
} from './uri-spelling';

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
  /** An option about TLS was given, be it one without an effect here: TLS is wanted unless `tls` says otherwise. */
  readonly tlsImplied?: boolean;
}

/** Longest connection string looked at. */
const MAX_LENGTH = 64 * 1024;
const MAX_HOSTS = 100;
const DEFAULT_PORT = 27_017;

/** Issues with these codes only warn; with any other the connection string cannot be used. */
const WARNINGS = new Set([
  'URI_UNKNOWN_OPTION',
  'URI_BAD_OPTION',
  'URI_MISSPELT',
  'URI_DUPLICATE_OPTION',
  'URI_NOT_FOLLOWED',
  'URI_NEEDS_RESOLVER',
]);

/** Whether an issue of {@link parseMongoUri} is only a warning, as the specification has it. */
export function isWarning(found: Issue): boolean {
  return WARNINGS.has(found.code);
}

/** Whether a Connect Test refuses what the specification only warns of: without this option it could log in otherwise than was meant. */
export function isMisspelling(found: Issue): boolean {
  return found.code === 'URI_MISSPELT';
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
  const value: MongoUri = { srv, hosts, user, password, database, options };
  return { value: [...given].some(isAboutTls) ? { ...value, tlsImplied: true } : value, issues };
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
  const swallowed = swallowedOption(database ?? '');
  if (swallowed !== null) {
    const words = `The option ${swallowed} is part of the database name: write "?" before the first option and "&" between options`;
    issues.push(issue('URI_BAD_DATABASE', words, offset));
    return undefined;
  }
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
    const named =
      isOptionName(withoutEntity(name)) || (quotable && equals > 0 && /^[A-Za-z][\w.]{0,63}$/.test(name));
    const shown = named ? `The option ${name}` : 'An option';
    quotable &&= !isSecretOption(name);
    if (equals <= 0) {
      issues.push(issue('URI_OPTION_PAIR', `${shown} is no NAME=value pair`));
      continue;
    }
    if (value === undefined) {
      const code = isDecisiveName(name) ? 'URI_MISSPELT' : 'URI_BAD_OPTION';
      issues.push(issue(code, `${shown} has a "%" that is not percent-encoding; write %25`));
      continue;
    }
    if (swallowedOption(value) !== null && isOptionName(name)) {
      const words = `${shown} has another option in its value. Write "&" between options`;
      issues.push(issue('URI_MISSPELT', words));
    }
    const result = readOption(name, value);
    switch (result.kind) {
      case 'unknown':
        issues.push(unknownOption(shown, named ? misspeltName(name) : HIDDEN));
        continue;
      case 'invalid':
        issues.push(
          name.toLowerCase() === 'authsource'
            ? issue('URI_AUTH_SOURCE', 'authSource must not be empty')
            : badOption(shown, result.expected, misspeltValue(result.name, value)),
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

/** What an option that may not be shown is taken for: a test does not go on without knowing. */
const HIDDEN: Misspelling = { refused: false, advice: '' };

function unknownOption(shown: string, { refused, advice }: Misspelling): Issue {
  return refused
    ? issue('URI_MISSPELT', `${shown} is not an option of MongoDB connection strings. ${advice}`)
    : issue(
        'URI_UNKNOWN_OPTION',
        `${shown} is not known and was ignored${advice === '' ? '' : `. ${advice}`}`,
      );
}

function badOption(shown: string, expected: string, { refused, advice }: Misspelling): Issue {
  const wants = `${shown} must be ${expected.includes(', ') ? `one of ${expected}` : expected}`;
  return refused
    ? issue('URI_MISSPELT', advice === '' ? wants : `${wants}. ${advice}`)
    : issue('URI_BAD_OPTION', `${shown} wants ${expected} and was ignored`);
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
    tls: options.tls ?? (uri.srv || (uri.tlsImplied ?? Object.keys(options).some(isAboutTls))),
    replicaSet: options.replicaSet,
    loadBalanced: options.loadBalanced,
    appName: options.appName,
    compressors: options.compressors,
    connectTimeoutMs: options.connectTimeoutMS,
  };
}

/** Any option about TLS other than `tls` itself says that TLS is wanted (URI options specification). */
function isAboutTls(name: string): boolean {
  return name.startsWith('tls') && name !== 'tls';
}
