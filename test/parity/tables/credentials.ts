import {
  EXPIRED,
  GHOSTS,
  MD5_LINE_SCRAM_VERIFIER,
  NO_CONNECTIONS,
  NO_LOGIN,
  NO_VERIFIER,
  PASSWORD,
  SCRAM_LINE_MD5_VERIFIER,
  WRONG_PASSWORD,
} from '../accounts';
import type { Combination } from '../combination';

const MODES = ['disable', 'prefer', 'require'] as const;

/** Right, wrong and missing passwords, roles and databases, for each method of authentication. */
export function credentialsTable(): Combination[] {
  const table: Combination[] = [];
  const add = (server: 'on18' | 'on15', what: string, options: string) =>
    table.push({ name: `${server}: ${what}`, servers: [server], options });
  for (const mode of MODES) {
    for (const role of ['host_password', 'host_md5', 'host_scram']) {
      add('on18', `sslmode=${mode}, ${role}, no password`, `sslmode=${mode} user=${role}`);
      add('on18', `sslmode=${mode}, ${role}, empty password`, `sslmode=${mode} user=${role} password=''`);
      add(
        'on18',
        `sslmode=${mode}, ${role}, unknown database`,
        `sslmode=${mode} user=${role} password=${PASSWORD} dbname=no_such_database`,
      );
    }
    for (const ghost of Object.values(GHOSTS)) {
      add('on18', `sslmode=${mode}, ${ghost}`, `sslmode=${mode} user=${ghost} password=${PASSWORD}`);
    }
  }
  for (const server of ['on18', 'on15'] as const) {
    for (const role of [
      MD5_LINE_SCRAM_VERIFIER,
      SCRAM_LINE_MD5_VERIFIER,
      NO_LOGIN,
      NO_VERIFIER,
      EXPIRED,
      NO_CONNECTIONS,
    ]) {
      for (const mode of ['disable', 'prefer']) {
        add(server, `sslmode=${mode}, ${role}`, `sslmode=${mode} user=${role} password=${PASSWORD}`);
      }
    }
  }
  add('on15', 'host_scram, wrong password', `user=host_scram password=${WRONG_PASSWORD}`);
  add('on15', 'host_md5, wrong password', `user=host_md5 password=${WRONG_PASSWORD}`);
  add(
    'on18',
    'a password that SASLprep changes',
    "sslmode=disable user=host_scram password='app\u00adpassword'",
  );
  add(
    'on18',
    'a password that SASLprep forbids',
    "sslmode=disable user=host_scram password='app\u0007password'",
  );
  add(
    'on18',
    'user longer than a name may be',
    `sslmode=disable user=${'u'.repeat(70)} password=${PASSWORD}`,
  );
  add('on18', 'database not given', `sslmode=disable user=host_trust dbname=''`);
  return table;
}
