import { DATABASE, PASSWORD, WRONG_PASSWORD } from '../accounts';
import type { Combination } from '../combination';

/** What is taken from the environment, from a service file and from a password file, and what wins. */
export function environmentTable(): Combination[] {
  const table: Combination[] = [];
  const add = (name: string, options: string, environment: Record<string, string>) =>
    table.push({ name: `on18: ${name}`, servers: ['on18'], options, environment });
  const login = { PGUSER: 'host_scram', PGPASSWORD: PASSWORD };
  const variables: Record<string, string>[] = [
    { PGSSLMODE: 'require' },
    { PGSSLMODE: 'disable' },
    { PGSSLMODE: '' },
    { PGSSLMODE: 'bogus' },
    { PGREQUIRESSL: '1' },
    { PGREQUIRESSL: '0' },
    { PGCHANNELBINDING: 'disable' },
    { PGOPTIONS: '-c search_path=public' },
    { PGAPPNAME: 'from-the-environment' },
    { PGCLIENTENCODING: 'LATIN1' },
    { PGTARGETSESSIONATTRS: 'standby' },
    { PGDATESTYLE: 'ISO' },
    { PGTZ: 'UTC' },
    { PGTZ: 'default' },
    { PGGEQO: 'off' },
    { PGDATESTYLE: 'ISO', PGTZ: 'UTC', PGGEQO: 'off' },
    { PGSSLMINPROTOCOLVERSION: 'TLSv1.3' },
    { PGSSLMAXPROTOCOLVERSION: 'TLSv1.2' },
    { PGSSLSNI: '0' },
    { PGGSSENCMODE: 'disable' },
    { PGCONNECT_TIMEOUT: '5' },
    { PGSSLROOTCERT: '$otherRoot', PGSSLMODE: 'verify-ca' },
    { PGSSLROOTCERT: '$root', PGSSLMODE: 'verify-ca' },
    { PGREQUIREAUTH: 'md5' },
    { PGMAXPROTOCOLVERSION: 'latest' },
    { PGMINPROTOCOLVERSION: '3.2' },
    { PGSSLNEGOTIATION: 'direct', PGSSLMODE: 'require' },
    { PGSSLCERTMODE: 'require', PGSSLMODE: 'require' },
    { PGPASSWORD: WRONG_PASSWORD },
    { PGPASSWORD: '' },
    { PGUSER: 'host_trust' },
    { PGDATABASE: 'no_such_database' },
  ];
  for (const given of variables) {
    const name = Object.entries(given)
      .map(([variable, value]) => `${variable}=${value}`)
      .join(' ');
    add(name, '', { ...login, ...given });
  }
  add('PGSSLMODE=disable against sslmode=require', 'sslmode=require', { ...login, PGSSLMODE: 'disable' });
  for (const [service, options] of [
    ['good', ''],
    ['other', ''],
    ['good', 'sslmode=disable'],
    ['twice', ''],
    ['nested', ''],
    ['unknown', ''],
    ['nonsense', ''],
    ['none', ''],
    ['goo', ''],
  ]) {
    add(`service=${service} ${options}`, `service=${service} ${options}`, {
      PGSERVICEFILE: '$folder/services',
    });
  }
  add('PGSERVICE=good', '', { PGSERVICEFILE: '$folder/services', PGSERVICE: 'good', PGSSLMODE: 'disable' });
  add('service file missing', 'service=good', { PGSERVICEFILE: '$missing' });
  add('service in the machine’s file', 'service=system', { PGSYSCONFDIR: '$folder' });
  const scram = 'sslmode=disable user=host_scram';
  add('passfile', `${scram} passfile=$folder/passwords`, {});
  add('PGPASSFILE', scram, { PGPASSFILE: '$folder/passwords' });
  add(
    'passfile, and a password besides',
    `${scram} passfile=$folder/passwords password=${WRONG_PASSWORD}`,
    {},
  );
  add('passfile, and an empty password', `${scram} passfile=$folder/passwords password=''`, {});
  add('passfile readable by all', `${scram} passfile=$folder/open-passwords`, {});
  add('passfile missing', `${scram} passfile=$missing`, {});
  add('passfile with a wrong line first', 'sslmode=disable user=host_md5 passfile=$folder/passwords', {});
  add('passfile for another database', `${scram} dbname=postgres passfile=$folder/passwords`, {});
  add(
    'passfile without a line for the role',
    'sslmode=disable user=host_password passfile=$folder/passwords',
    {},
  );
  add(
    'passfile with an escaped password',
    'sslmode=disable user=md5_line_scram_verifier passfile=$folder/passwords',
    {},
  );
  return table;
}

/** The service file: `good` is right, the others are wrong in their own ways. */
export const SERVICES = `
# services of the parity suite
[good]
user=host_scram
password=${PASSWORD}
sslmode=require
[other]
user=host_md5
password=${WRONG_PASSWORD}
[twice]
user=host_md5
user=host_scram
 password=${PASSWORD}${' '}
[nested]
service=good
[unknown]
no_such_option=1
[nonsense]
this is no option
`;

export const SYSTEM_SERVICES = `[system]\nuser=host_scram\npassword=${PASSWORD}\n`;

/** The password file. A host is looked up by name, so the lines hold `localhost`. */
export const PASSWORDS = [
  '# passwords of the parity suite',
  `elsewhere:*:*:*:${WRONG_PASSWORD}`,
  `localhost:*:${DATABASE}:host_scram:${PASSWORD}`,
  `localhost:*:${DATABASE}:host_md5:${WRONG_PASSWORD}`,
  `*:*:*:host_md5:${PASSWORD}`,
  `local\\host:*:*:md5_line_scram_verifier:${PASSWORD.replace('-', '\\-')}:and more`,
  'too:few:fields',
  '',
].join('\n');
