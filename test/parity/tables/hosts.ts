import { PASSWORD, READ_ONLY_DATABASE, WRONG_PASSWORD } from '../accounts';
import type { Combination } from '../combination';

const LOGIN = `user=host_scram password=${PASSWORD}`;
const ATTRIBUTES = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const;

type Servers = Combination['servers'];

/** Several hosts, what makes libpq go on to the next, and which server it wants in the end. */
export function hostsTable(): Combination[] {
  const table: Combination[] = [];
  const add = (name: string, servers: Servers, options: string, more: Partial<Combination> = {}) =>
    table.push({ name: `${servers.join(' then ')}: ${name}`, servers, options, ...more });
  const lists: readonly Servers[] = [
    ['on18'],
    ['standby18'],
    ['on15'],
    ['standby15'],
    ['standby18', 'on18'],
    ['on18', 'standby18'],
    ['on15', 'on18'],
  ];
  for (const attributes of ATTRIBUTES) {
    for (const servers of lists) {
      add(
        `target_session_attrs=${attributes}`,
        servers,
        `sslmode=disable target_session_attrs=${attributes} ${LOGIN}`,
      );
    }
    add(
      `target_session_attrs=${attributes}, read-only database`,
      ['on18'],
      `sslmode=prefer target_session_attrs=${attributes} dbname=${READ_ONLY_DATABASE} ${LOGIN}`,
    );
  }
  for (const mode of ['disable', 'prefer', 'require']) {
    add(`sslmode=${mode}`, ['nobody', 'on18'], `sslmode=${mode} ${LOGIN}`);
    add(`sslmode=${mode}`, ['recovering18', 'on18'], `sslmode=${mode} ${LOGIN}`);
    add(`sslmode=${mode}`, ['recovering18'], `sslmode=${mode} ${LOGIN}`);
    add(`sslmode=${mode}`, ['off18', 'on18'], `sslmode=${mode} ${LOGIN}`);
    add(
      `sslmode=${mode}, wrong password`,
      ['on18', 'on15'],
      `sslmode=${mode} user=host_scram password=${WRONG_PASSWORD}`,
    );
    add(`sslmode=${mode}, unlisted`, ['on18', 'on15'], `sslmode=${mode} user=unlisted password=${PASSWORD}`);
  }
  add('nobody at all', ['nobody', 'nobody'], `sslmode=disable ${LOGIN}`);
  add('nobody, sslmode=prefer', ['nobody'], `sslmode=prefer ${LOGIN}`);
  add('expired first', ['expired18', 'on18'], `sslmode=verify-full sslrootcert=$root ${LOGIN}`);
  add('unknown authority first', ['selfsigned18', 'on18'], `sslmode=prefer sslrootcert=$root ${LOGIN}`);
  add(
    'a hostaddr that is none, then one',
    ['on18', 'on18'],
    `sslmode=disable hostaddr=bogus,127.0.0.1 ${LOGIN}`,
  );
  add(
    'a host name that is none, then one',
    ['on18', 'on18'],
    `sslmode=disable hostaddr='' host=no.such.host.invalid,localhost ${LOGIN}`,
  );
  add('load_balance_hosts=random', ['on18'], `sslmode=disable load_balance_hosts=random ${LOGIN}`);
  add('load_balance_hosts=disable', ['on18', 'on15'], `sslmode=disable load_balance_hosts=disable ${LOGIN}`);
  for (const mode of ['disable', 'prefer', 'require', 'verify-full']) {
    for (const role of ['host_trust', 'host_scram', 'host_md5', 'host_reject', 'unlisted']) {
      add(
        `Unix socket, sslmode=${mode}, ${role}`,
        ['on18'],
        `sslmode=${mode} sslrootcert=$root user=${role} password=${PASSWORD}`,
        { unix: true },
      );
    }
  }
  add('Unix socket, gssencmode=require', ['on18'], `gssencmode=require ${LOGIN}`, { unix: true });
  add('Unix socket, requirepeer', ['on18'], `requirepeer=no_such_user ${LOGIN}`, { unix: true });
  add('Unix socket, channel_binding=require', ['on18'], `channel_binding=require ${LOGIN}`, { unix: true });
  add('Unix socket, sslnegotiation=direct', ['on18'], `sslnegotiation=direct sslmode=require ${LOGIN}`, {
    unix: true,
  });
  return table;
}
