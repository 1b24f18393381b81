import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import { cancellable } from './cancellable';

/**
 * All addresses of a host, in the order the system's resolver gives them (getaddrinfo, as libpq and the drivers use it).
 * An IP literal is its own answer. Rejects with the resolver's error, with `TIMEOUT`, or with `CANCELLED`.
 */
export function resolveHost(host: string, timeoutMs: number, signal?: AbortSignal): Promise<string[]> {
  const literal = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (isIP(literal) !== 0) return Promise.resolve([literal]);
  return cancellable<string[]>({ timeoutMs, signal }, (resolve, reject) => {
    lookup(literal, { all: true, verbatim: true }, (error, addresses) => {
      if (error) reject(error);
      else resolve([...new Set(addresses.map((entry) => entry.address))]);
    });
    // getaddrinfo cannot be stopped; its late answer is dropped.
    return undefined;
  });
}
