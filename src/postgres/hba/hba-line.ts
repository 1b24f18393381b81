/** Who wants in, as a line of pg_hba.conf matches it. */
export interface HbaClient {
  /** IP address as the server saw it; null for a Unix socket. */
  readonly address: string | null;
  readonly user: string;
  readonly database: string;
  readonly secure: boolean;
  /** A physical replication connection: it matches the keyword, never a database's name. */
  readonly replication?: boolean;
}

/** Words that mean something else than a name when they are not quoted, by column (`next_token` of `hba.c`). */
const DATABASE_WORDS = new Set(['all', 'sameuser', 'samerole', 'samegroup', 'replication']);
const USER_WORDS = new Set(['all']);

/** The narrowest line that would have let this client in, with the method that new servers use. */
export function lineFor(client: HbaClient): string {
  const { address, user, database, secure, replication } = client;
  const where = replication ? 'replication' : quoted(database, DATABASE_WORDS);
  const who = quoted(user, USER_WORDS);
  const columns =
    address === null ? ['local', where, who] : [secure ? 'hostssl' : 'host', where, who, hostMask(address)];
  return [...columns, 'scram-sha-256'].join('  ');
}

/** One host: all bits of the address count. */
function hostMask(address: string): string {
  if (address.includes(':')) return `${address}/128`;
  return /^[\d.]+$/.test(address) ? `${address}/32` : address;
}

function quoted(name: string, words: ReadonlySet<string>): string {
  if (/^[A-Za-z_][\w$.-]*$/.test(name) && !words.has(name)) return name;
  return `"${name.replaceAll('"', '""')}"`;
}
