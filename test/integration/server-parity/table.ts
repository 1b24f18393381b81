/** One rule for each database, so that both servers load one pg_hba.conf and no reload comes between the rows. */
export const HBA = `
local      all        postgres    trust
host       all        postgres    127.0.0.1/32     trust
hostssl    ssl_db     all         all              scram-sha-256
hostnossl  plain_db   all         all              scram-sha-256
host       trust_db   all         all              trust
host       reject_db  all         all              reject
host       clear_db   all         all              password
host       md5_db     all         all              md5
host       scram_db   all         all              scram-sha-256
hostssl    cert_db    all         all              cert
hostssl    ca_db      all         all              scram-sha-256  clientcert=verify-ca
hostssl    full_db    all         all              scram-sha-256  clientcert=verify-full
host       group_db   +writers    all              trust
host       list_db    scram_user,"md5_user" 127.0.0.0/8 trust
host       near_db    all         127.0.0.1 255.255.255.255 trust
host       far_db     all         198.51.100.0/24  trust
host       self_db    all         samehost         trust
host       first_db   scram_user  all              trust
host       first_db   all         all              reject
host       /^re.*_db$ all         all              trust
host       sameuser   all         samenet          trust
host       samerole   all         all              trust
host       absent_db  all         all              trust
`;

/** Every database but the absent one. */
export const DATABASES = [
  'ssl_db',
  'plain_db',
  'trust_db',
  'reject_db',
  'clear_db',
  'md5_db',
  'scram_db',
  'cert_db',
  'ca_db',
  'full_db',
  'group_db',
  'list_db',
  'near_db',
  'far_db',
  'self_db',
  'first_db',
  'regular_db',
  'scram_user',
  'writers',
] as const;

export const PASSWORD = 'parity-password';

/** What both servers hold; `missing_user` is in neither. */
export const ROLES_SQL = `
CREATE ROLE writers;
CREATE ROLE scram_user LOGIN PASSWORD '${PASSWORD}' IN ROLE writers;
CREATE ROLE no_password LOGIN;
CREATE ROLE no_login NOLOGIN PASSWORD '${PASSWORD}';
SET password_encryption = 'md5';
CREATE ROLE md5_user LOGIN PASSWORD '${PASSWORD}';
`;

export interface Row {
  readonly name: string;
  readonly database: string;
  readonly user: string;
  readonly ssl: boolean;
  readonly password: string;
  /** Common name of the client's certificate. */
  readonly certificate?: string;
  /** Further options of libpq; such a row is for its programs alone. */
  readonly options?: string;
  /** Start-up parameters that the drivers for Node are given; such a row is for them alone. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** What only libpq can be told to ask. */
const OPTIONS = [
  'replication=true',
  'replication=database',
  'replication=sometimes',
  'application_name=parity-test',
  `application_name=${'x'.repeat(80)}`,
  'client_encoding=latin1',
  'client_encoding=klingon',
  "options='-c DateStyle=german -c search_path=pg_catalog'",
  "options='-c nothing=1'",
  "options='-c log_statement=all'",
] as const;

const PARAMETERS: readonly Readonly<Record<string, string>>[] = [
  { DateStyle: 'sql, dmy', TimeZone: 'europe/paris' },
  { statement_timeout: '5 fortnights' },
  { no_such_parameter: '1' },
  { shared_buffers: '1GB' },
];

const USERS = ['scram_user', 'md5_user', 'no_password', 'no_login', 'missing_user'] as const;
const PASSWORD_DATABASES: readonly string[] = ['clear_db', 'md5_db', 'scram_db', 'ssl_db'];
const CERTIFICATE_DATABASES: readonly string[] = ['cert_db', 'ca_db', 'full_db'];

/** Rules and credentials, each in the clear and over TLS where that says something. */
export function allRows(): Row[] {
  const rows: Row[] = [];
  const add = (row: Omit<Row, 'name'>) => {
    const { database, user, ssl, password, certificate } = row;
    const secret =
      password === PASSWORD ? 'right password' : password === '' ? 'no password' : 'wrong password';
    const shown = certificate ? `, certificate of ${certificate}` : '';
    rows.push({ ...row, name: `${user}@${database} ${ssl ? 'TLS' : 'clear'}, ${secret}${shown}` });
  };
  for (const database of [...DATABASES, 'absent_db', 'unlisted_db']) {
    const users =
      database === 'scram_db' || database === 'group_db' || database === 'trust_db'
        ? USERS
        : USERS.slice(0, 2);
    for (const user of users) {
      for (const ssl of [false, true]) {
        add({ database, user, ssl, password: PASSWORD });
        if (PASSWORD_DATABASES.includes(database)) add({ database, user, ssl, password: 'wrong' });
      }
    }
    if (CERTIFICATE_DATABASES.includes(database)) {
      for (const certificate of ['scram_user', 'md5_user']) {
        add({ database, user: 'scram_user', ssl: true, password: PASSWORD, certificate });
        add({ database, user: 'scram_user', ssl: true, password: 'wrong', certificate });
      }
    }
  }
  for (const options of OPTIONS) {
    for (const [database, user] of [
      ['trust_db', 'no_password'],
      ['first_db', 'md5_user'],
      ['scram_db', 'postgres'],
    ]) {
      const name = `${user}@${database} clear, ${options.slice(0, 40)}`;
      rows.push({ name, database, user, ssl: false, password: PASSWORD, options });
    }
  }
  for (const parameters of PARAMETERS) {
    const name = `no_password@trust_db clear, ${JSON.stringify(parameters)}`;
    rows.push({
      name,
      database: 'trust_db',
      user: 'no_password',
      ssl: false,
      password: PASSWORD,
      parameters,
    });
  }
  return rows;
}
