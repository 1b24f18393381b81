import { utf8, utf8Bytes } from '../../base/bytes';
import { refuseAmbiguous } from './ambiguous';
import {
  type ConnectionOptions,
  type ConnectionOptionsResult,
  isOptionKeyword,
  isSecretOption,
  keywordAdvice,
  looksLikeKeyword,
  storeOption,
} from './connection-options';
import { ConnectionStringError } from './connection-string-error';
import { parseKeywordValue } from './conninfo';

const PREFIXES = ['postgresql://', 'postgres://'] as const;

/** Longest connection string read. */
const MAX_LENGTH = 64 * 1024;

function isUri(text: string): boolean {
  return PREFIXES.some((prefix) => text.startsWith(prefix));
}

/**
 * Reads a URI or keyword/value pairs as libpq does, with libpq's words when it is wrong (`parse_connection_string`). Of the text, at most
 * the name of an option is quoted, and an `@` that may be a password's is refused: libpq quotes all of it, and takes the rest for a host.
 */
export function parseConnectionString(text: string): ConnectionOptionsResult {
  if (text.length > MAX_LENGTH)
    return { ok: false, message: `connection string longer than ${MAX_LENGTH} characters` };
  if (!isUri(text) && /^\s*postgres(ql)?:\/\//i.test(text))
    return { ok: false, message: 'a URI begins with postgresql:// or postgres://, in lower case' };
  try {
    return { ok: true, options: isUri(text) ? parseUri(text) : parseKeywordValue(text) };
  } catch (error) {
    if (error instanceof ConnectionStringError) return { ok: false, message: error.message };
    throw error;
  }
}

/** `conninfo_uri_parse_options`. */
function parseUri(uri: string): ConnectionOptions {
  const options: ConnectionOptions = {};
  const prefix = PREFIXES.find((known) => uri.startsWith(known)) ?? '';
  const quotable = refuseAmbiguous(uri, prefix.length);
  let at = takeCredentials(uri, prefix.length, options);
  at = takeHosts(uri, at, options);
  if (uri[at] === '/') {
    const end = indexOrEnd(uri, '?', at);
    const name = uri.slice(at + 1, end);
    if (name !== '') options.dbname = decode(name, 'database name');
    at = end;
  }
  if (uri[at] === '?') takeParameters(uri.slice(at + 1), options, quotable);
  return options;
}

/** `user[:password]@`, when there is an `@` before the first `/`. */
function takeCredentials(uri: string, start: number, options: ConnectionOptions): number {
  const slash = indexOrEnd(uri, '/', start);
  const sign = uri.indexOf('@', start);
  if (sign < 0 || sign > slash) return start;
  const credentials = uri.slice(start, sign);
  const colon = credentials.indexOf(':');
  const user = colon < 0 ? credentials : credentials.slice(0, colon);
  const password = colon < 0 ? '' : credentials.slice(colon + 1);
  if (user !== '') options.user = decode(user, 'user');
  if (password !== '') options.password = decode(password, 'password');
  return sign + 1;
}

/** `host[:port]`, several separated by commas; an IPv6 address is in brackets. */
function takeHosts(uri: string, start: number, options: ConnectionOptions): number {
  const hosts: string[] = [];
  const ports: string[] = [];
  let at = start;
  for (;;) {
    let host: string;
    if (uri[at] === '[') {
      const close = uri.indexOf(']', at);
      if (close < 0) {
        throw new ConnectionStringError(
          'end of string reached when looking for matching "]" in IPv6 host address in URI',
        );
      }
      host = uri.slice(at + 1, close);
      if (host === '') throw new ConnectionStringError('IPv6 host address may not be empty in URI');
      at = close + 1;
      if (at < uri.length && !':/?,'.includes(uri[at])) {
        const where = `unexpected character at position ${at + 1} in URI`;
        throw new ConnectionStringError(`${where} (expected ":" or "/")`);
      }
    } else {
      const end = firstOf(uri, ':/?,', at);
      host = uri.slice(at, end);
      at = end;
    }
    let port = '';
    if (uri[at] === ':') {
      const end = firstOf(uri, '/?,', at + 1);
      port = uri.slice(at + 1, end);
      at = end;
    }
    hosts.push(host);
    ports.push(port);
    if (uri[at] !== ',') break;
    at++;
  }
  const host = hosts.join(',');
  const port = ports.join(',');
  if (host !== '') options.host = decode(host, 'host');
  if (port !== '') options.port = decode(port, 'port');
  return at;
}

/** `keyword=value&…` (`conninfo_uri_parse_params`). `quotable`: a name in it is surely not a part of the user's password. */
function takeParameters(query: string, options: ConnectionOptions, quotable: boolean): void {
  if (query === '') return;
  const parts = query.split('&');
  // A final `&` ends the last parameter and starts none.
  if (parts.at(-1) === '') parts.pop();
  let mayQuote = quotable;
  const refuse = (words: string, name: string): never => {
    const shown = isOptionKeyword(name) || (mayQuote && looksLikeKeyword(name)) ? `: "${name}"` : '';
    const advice = quotable && !mayQuote ? '; in a password write "&" as %26 and "=" as %3D' : '';
    const meant = shown !== '' && !isOptionKeyword(name) ? keywordAdvice(name) : '';
    throw new ConnectionStringError(`${words}${shown}${meant}${advice}`);
  };
  for (const part of parts) {
    const equals = part.indexOf('=');
    if (equals < 0) refuse('missing key/value separator "=" in URI query parameter', part);
    if (part.includes('=', equals + 1))
      refuse('extra key/value separator "=" in URI query parameter', part.slice(0, equals));
    const keyword = decode(part.slice(0, equals), 'name of an option');
    const value = decode(
      part.slice(equals + 1),
      isOptionKeyword(keyword) ? `value of "${keyword}"` : 'value of an option',
    );
    // JDBC's way of saying it.
    const known =
      keyword === 'ssl' && value === 'true'
        ? storeOption(options, 'sslmode', 'require')
        : storeOption(options, keyword, value);
    if (!known) refuse('invalid URI query parameter', keyword);
    mayQuote &&= !isSecretOption(keyword);
  }
}

/**
 * Percent-decoding (`conninfo_uri_decode`): spaces around the text are dropped, inside they are an error.
 *
 * @param part what the text is, for the words of an error
 */
function decode(text: string, part: string): string {
  const trimmed = text.replace(/^ +/, '').replace(/ +$/, '');
  if (trimmed.includes(' ')) {
    throw new ConnectionStringError(
      `unexpected spaces found in the ${part}, use percent-encoded spaces (%20) instead`,
    );
  }
  if (!trimmed.includes('%')) return trimmed;
  const source = utf8Bytes(trimmed);
  const bytes = new Uint8Array(source.length);
  let length = 0;
  for (let i = 0; i < source.length; i++) {
    if (source[i] !== 0x25) {
      bytes[length++] = source[i];
      continue;
    }
    const digits = String.fromCharCode(source[i + 1] ?? 0, source[i + 2] ?? 0);
    if (!/^[0-9a-fA-F]{2}$/.test(digits)) {
      throw new ConnectionStringError(`invalid percent-encoded token in the ${part}; write "%" as %25`);
    }
    if (digits === '00')
      throw new ConnectionStringError(`forbidden value %00 in percent-encoded value of the ${part}`);
    bytes[length++] = Number.parseInt(digits, 16);
    i += 2;
  }
  return utf8(bytes.subarray(0, length));
}

function indexOrEnd(text: string, wanted: string, from: number): number {
  const at = text.indexOf(wanted, from);
  return at < 0 ? text.length : at;
}

function firstOf(text: string, wanted: string, from: number): number {
  let at = from;
  while (at < text.length && !wanted.includes(text[at])) at++;
  return at;
}
