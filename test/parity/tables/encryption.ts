import { PASSWORD, TWO_LINES, UNLISTED, WRONG_PASSWORD } from '../accounts';
import type { Combination } from '../combination';
import type { ServerName } from '../servers';

const MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

const ROLES = [
  'host_trust',
  'host_password',
  'host_md5',
  'host_scram',
  'host_reject',
  'hostssl_scram',
  'hostssl_md5',
  'hostnossl_scram',
  'hostnossl_reject',
  TWO_LINES,
  UNLISTED,
];

/** Every sslmode against every kind of pg_hba.conf line, on servers with and without SSL. */
export function encryptionTable(): Combination[] {
  const table: Combination[] = [];
  const servers: readonly (readonly [ServerName, readonly string[]])[] = [
    ['on18', ROLES],
    ['on15', ROLES],
    ['off18', ['host_scram', 'host_md5', 'hostssl_scram', 'hostnossl_scram', UNLISTED]],
    ['off15', ['host_scram', 'hostnossl_scram', UNLISTED]],
  ];
  for (const [server, roles] of servers) {
    for (const mode of MODES) {
      const root = mode.startsWith('verify') ? ' sslrootcert=$root' : '';
      for (const role of roles) {
        table.push({
          name: `${server}: sslmode=${mode}, ${role}`,
          servers: [server],
          options: `sslmode=${mode}${root} user=${role} password=${PASSWORD}`,
        });
      }
    }
  }
  for (const mode of ['disable', 'allow', 'prefer', 'require']) {
    for (const role of ['host_password', 'host_md5', 'host_scram', 'hostssl_scram', 'hostnossl_scram']) {
      table.push({
        name: `on18: sslmode=${mode}, ${role}, wrong password`,
        servers: ['on18'],
        options: `sslmode=${mode} user=${role} password=${WRONG_PASSWORD}`,
      });
    }
  }
  return table;
}
