import { equalBytes } from '../../base/bytes';
import { parseAddress } from '../../network/address';
import type { HbaAddress, HbaDatabase, HbaMethod, HbaRule, HbaUser } from './hba-rule';

/** An interface of the server, for `samehost` and `samenet`. */
export interface NetworkInterface {
  readonly address: string;
  readonly netmask: string;
}

export interface HbaQuery {
  readonly secure: boolean;
  readonly database: string;
  readonly user: string;
  /** A physical replication connection: no database, and only the keyword matches it. */
  readonly replication?: boolean;
  /** IP address of the client; null for a Unix socket. Absent: matches what any address matches. */
  readonly address?: string | null;
  /** Name of the client's host, looked up backwards and forwards; absent when it has none. */
  readonly hostName?: string;
  readonly interfaces?: readonly NetworkInterface[];
  /** Whether the user is a member of this role, itself included, not counting superusers (`is_member_of_role_nosuper`). */
  memberOf?(role: string): boolean;
}

export type HbaResult =
  | {
      readonly kind: 'rule';
      readonly line: number;
      readonly method: HbaMethod;
      readonly clientCert?: HbaRule['clientCert'];
    }
  /** No line matched (`uaImplicitReject`). */
  | { readonly kind: 'none' };

/** The columns of a line that decide, in the order in which they are looked at (`check_hba`). */
export type HbaColumn = 'connection' | 'address' | 'database' | 'user';

/** The first line that matches (`check_hba`). */
export function matchHba(rules: readonly HbaRule[], query: HbaQuery): HbaResult {
  for (const [index, rule] of rules.entries()) {
    if (mismatches(rule, query).length > 0) continue;
    const clientCert = rule.method === 'cert' ? 'verify-full' : rule.clientCert;
    const line = rule.line ?? index + 1;
    return { kind: 'rule', line, method: rule.method, ...(clientCert ? { clientCert } : {}) };
  }
  return { kind: 'none' };
}

/** Why nobody is let in, for the server's log: the line that rejects, or the one that comes closest. */
export function refusalLog(rules: readonly HbaRule[], query: HbaQuery, match: HbaResult): string | undefined {
  if (match.kind === 'rule') return `Line ${match.line} matched.`;
  const near = nearestMiss(rules, query);
  return near ? `Line ${near.line} comes closest; it differs in: ${near.columns.join(', ')}.` : undefined;
}

/** The line that differs in the fewest columns, and which these are: what a refused client most likely meant to match. */
export function nearestMiss(
  rules: readonly HbaRule[],
  query: HbaQuery,
): { readonly line: number; readonly columns: readonly HbaColumn[] } | null {
  let best: { line: number; columns: HbaColumn[] } | null = null;
  for (const [index, rule] of rules.entries()) {
    const columns = mismatches(rule, query);
    if (columns.length > 0 && (best === null || columns.length < best.columns.length)) {
      best = { line: rule.line ?? index + 1, columns };
    }
  }
  return best;
}

function mismatches(rule: HbaRule, query: HbaQuery): HbaColumn[] {
  const columns: HbaColumn[] = [];
  if (!connectionMatches(rule, query)) columns.push('connection');
  if (rule.type !== 'local' && !addressMatches(rule.address ?? 'all', query)) columns.push('address');
  if (!databaseMatches(rule.database, query)) columns.push('database');
  if (!userMatches(rule.user, query)) columns.push('user');
  return columns;
}

function connectionMatches({ type }: HbaRule, { secure, address }: HbaQuery): boolean {
  if (address === null) return type === 'local';
  switch (type) {
    case 'local':
    // GSS encryption is answered N here, so no connection has it.
    case 'hostgssenc':
      return false;
    case 'hostssl':
      return secure;
    case 'hostnossl':
      return !secure;
    default:
      return true;
  }
}

function addressMatches(wanted: HbaAddress, query: HbaQuery): boolean {
  if (wanted === 'all' || query.address === undefined || query.address === null) return true;
  const own = parseAddress(query.address);
  if (wanted === 'samehost' || wanted === 'samenet') {
    return (query.interfaces ?? []).some((known) => {
      const address = parseAddress(known.address);
      const mask = wanted === 'samenet' ? parseAddress(known.netmask) : address?.map(() => 0xff);
      return own !== undefined && address !== undefined && mask !== undefined && inRange(own, address, mask);
    });
  }
  if ('name' in wanted) return nameMatches(wanted.name, query.hostName);
  return own !== undefined && inRange(own, wanted.address, wanted.mask);
}

/** Addresses of different families never match (`check_ip`). */
function inRange(own: Uint8Array, address: Uint8Array, mask: Uint8Array): boolean {
  if (own.length !== address.length || own.length !== mask.length) return false;
  const masked = (bytes: Uint8Array) => bytes.map((byte, i) => byte & mask[i]);
  return equalBytes(masked(own), masked(address));
}

/** `.example.com` matches every host of the domain; names are compared without case (`hostname_match`). */
function nameMatches(wanted: string, own: string | undefined): boolean {
  if (own === undefined) return false;
  const [a, b] = [wanted.toLowerCase(), own.toLowerCase()];
  return a.startsWith('.') ? b.endsWith(a) : a === b;
}

/** `check_db`. */
function databaseMatches(list: readonly HbaDatabase[] | 'all', query: HbaQuery): boolean {
  if (list === 'all') return !query.replication;
  return list.some((wanted) => oneDatabaseMatches(wanted, query));
}

function oneDatabaseMatches(wanted: HbaDatabase, query: HbaQuery): boolean {
  const keyword = typeof wanted === 'object' && 'keyword' in wanted ? wanted.keyword : null;
  if (query.replication) return keyword === 'replication';
  if (typeof wanted === 'string') return wanted === query.database;
  if ('pattern' in wanted) return patternMatches(wanted.pattern, query.database);
  switch (wanted.keyword) {
    case 'all':
      return true;
    case 'sameuser':
      return query.database === query.user;
    case 'samerole':
      return isMember(query, query.database);
    default:
      return false;
  }
}

/** `check_role`. */
function userMatches(list: readonly HbaUser[] | 'all', query: HbaQuery): boolean {
  if (list === 'all') return true;
  return list.some((wanted) => {
    if (typeof wanted === 'string') return wanted === query.user;
    if ('keyword' in wanted) return true;
    if ('group' in wanted) return isMember(query, wanted.group);
    return patternMatches(wanted.pattern, query.user);
  });
}

function isMember(query: HbaQuery, role: string): boolean {
  return query.memberOf?.(role) ?? role === query.user;
}

/** A regular expression of PostgreSQL 16 and later; one that this engine does not know matches nothing. */
function patternMatches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return false;
  }
}

/** The words of a refusal by pg_hba.conf (`ClientAuthentication`), SQLSTATE 28000. */
export function hbaRefusal(explicit: boolean, address: string, query: HbaQuery): string {
  const encryption = query.secure ? 'SSL encryption' : 'no encryption';
  const who = `host "${address}", user "${query.user}"`;
  if (query.replication) {
    const what = explicit
      ? 'pg_hba.conf rejects replication connection for'
      : 'no pg_hba.conf entry for replication connection from';
    return `${what} ${who}, ${encryption}`;
  }
  const what = explicit ? 'pg_hba.conf rejects connection for' : 'no pg_hba.conf entry for';
  return `${what} ${who}, database "${query.database}", ${encryption}`;
}
