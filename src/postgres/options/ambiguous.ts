import { percentAdvice } from '../../base/percent-advice';
import { isOptionKeyword } from './connection-options';
import { ConnectionStringError } from './connection-string-error';

/**
 * Refuses a URI in which an unescaped `@` of a password, or one behind a `/` or `?` of it, can be the end of the user's part: libpq would
 * take the rest of the password for a host, a port, a database or an option, look it up and show it.
 *
 * @param start where the scheme ends
 * @returns whether what stands behind the hosts is surely not a password, so that a name in it may be quoted
 * @throws ConnectionStringError that quotes nothing of the URI
 */
export function refuseAmbiguous(uri: string, start: number): boolean {
  const slash = indexOrEnd(uri, '/', start);
  const sign = uri.indexOf('@', start);
  const credentials = sign >= 0 && sign < slash;
  const hosts = credentials ? sign + 1 : start;
  const end = hosts + (/[/?]|$/.exec(uri.slice(hosts))?.index ?? 0);
  const query = indexOrEnd(uri, '?', end);
  const later = uri.lastIndexOf('@');
  const portsReadable = uri
    .slice(hosts, end)
    .split(',')
    .every((host) => /^(\[[^\]]*\]|[^:]*)(:\d*)?$/.test(host));
  if (later < hosts) return credentials || portsReadable;
  const inOptions = later > query && !uri.slice(hosts, query).includes('@');
  if (inOptions && portsReadable && everyOptionIsKnown(uri.slice(query + 1))) return false;
  const userPart = uri.slice(start, later);
  const words = 'It is not clear which "@" ends the user and password of the URI';
  // The first ":" stands between user and password.
  const advice = percentAdvice(userPart.replace(':', ''));
  throw new ConnectionStringError(`${words}. ${advice}`);
}

/** A value may hold an `@`, such as a user or a file's path. Two or three letters that happen to be a name are not enough. */
function everyOptionIsKnown(query: string): boolean {
  return query.split('&').every((part) => {
    const name = part.slice(0, Math.max(0, part.indexOf('=')));
    return name.length >= 4 && isOptionKeyword(name);
  });
}

function indexOrEnd(text: string, wanted: string, from: number): number {
  const at = text.indexOf(wanted, from);
  return at < 0 ? text.length : at;
}
