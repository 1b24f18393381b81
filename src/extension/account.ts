import { type ConnectTarget, operatingSystemUser } from '../live/target';

/**
 * What a password belongs to, and how a typed host is called: protocol, user and addresses, and nothing else of the connection
 * string, which may hold a password.
 */
export interface Account {
  /** `postgresql://app_user@db.example.com:5432`. */
  readonly key: string;
  /** `app_user@db.example.com:5432`. */
  readonly name: string;
  /** `db.example.com:5432`. */
  readonly address: string;
}

export function accountOf(target: ConnectTarget): Account {
  const postgres = target.protocol === 'postgres';
  const hosts = postgres
    ? target.settings.hosts.map(({ host, hostaddr, port }) => ({ host: host || (hostaddr ?? ''), port }))
    : target.hosts;
  const user = postgres ? (target.settings.user ?? operatingSystemUser()) : target.driver.user;
  const address = hosts
    .map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`)
    .join(',');
  const name = user ? `${user}@${address}` : address;
  return { key: `${postgres ? 'postgresql' : 'mongodb'}://${name}`, name, address };
}
