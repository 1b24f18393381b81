/** Roles, databases and pg_hba.conf lines of the servers. A role's name says by which line it gets in. */

export const DATABASE = 'appdb';
/** A database whose sessions start read-only. */
export const READ_ONLY_DATABASE = 'readonlydb';
export const PASSWORD = 'app-password';
/** Of the client's private key. */
export const KEY_PASSWORD = 'key-password';
export const WRONG_PASSWORD = 'not-the-password';

const TYPES = ['host', 'hostssl', 'hostnossl'] as const;
const METHODS = ['trust', 'reject', 'password', 'md5', 'scram'] as const;

/** `host_trust`, `hostssl_scram`, … */
export type ListedRole = `${(typeof TYPES)[number]}_${(typeof METHODS)[number]}`;

const HBA_METHOD: Readonly<Record<(typeof METHODS)[number], string>> = {
  trust: 'trust',
  reject: 'reject',
  password: 'password',
  md5: 'md5',
  scram: 'scram-sha-256',
};

/** A role that has no line at all. */
export const UNLISTED = 'unlisted';
/** Named by a line, but no such role exists. */
export const GHOSTS = {
  scram: 'ghost_scram',
  md5: 'ghost_md5',
  password: 'ghost_password',
  trust: 'ghost_trust',
};
/** Its line says md5, its verifier is SCRAM's: the server asks for SCRAM. */
export const MD5_LINE_SCRAM_VERIFIER = 'md5_line_scram_verifier';
/** Its line says scram-sha-256, its verifier is md5's: the server plays a mock exchange. */
export const SCRAM_LINE_MD5_VERIFIER = 'scram_line_md5_verifier';
/** May not log in. */
export const NO_LOGIN = 'no_login';
/** Has no password. */
export const NO_VERIFIER = 'no_verifier';
/** The password's validity is over. */
export const EXPIRED = 'expired_password';
/** Takes one connection at a time, and none is left. */
export const NO_CONNECTIONS = 'no_connections';
/** Authenticated by a client certificate of the same common name. */
export const CERT = 'cert_user';
/** Password, and a client certificate of a trusted authority besides. */
export const CERT_AND_PASSWORD = 'cert_and_password';
/** First line rejects it without TLS, the second takes it with SCRAM over TLS. */
export const TWO_LINES = 'two_lines';

export function pgHba(): string {
  const lines = ['local all postgres trust', 'host all postgres 127.0.0.1/32 trust'];
  for (const type of TYPES) {
    for (const method of METHODS) lines.push(`${type} all ${type}_${method} all ${HBA_METHOD[method]}`);
  }
  for (const [method, name] of Object.entries(GHOSTS)) {
    lines.push(`host all ${name} all ${HBA_METHOD[method as keyof typeof HBA_METHOD]}`);
  }
  lines.push(
    `host all ${MD5_LINE_SCRAM_VERIFIER} all md5`,
    `host all ${SCRAM_LINE_MD5_VERIFIER},${NO_LOGIN},${NO_VERIFIER},${EXPIRED},${NO_CONNECTIONS} all scram-sha-256`,
    `hostssl all ${CERT} all cert`,
    `hostssl all ${CERT_AND_PASSWORD} all scram-sha-256 clientcert=verify-ca`,
    `hostnossl all ${TWO_LINES} all reject`,
    `hostssl all ${TWO_LINES} all scram-sha-256`,
    'local all host_trust trust',
    'local all host_scram scram-sha-256',
    'local all host_md5 md5',
    'local all host_reject reject',
  );
  return `${lines.join('\n')}\n`;
}

export function accountsSql(): string {
  const scram = [
    ...TYPES.flatMap((type) =>
      METHODS.filter((method) => method !== 'md5').map((method) => `${type}_${method}`),
    ),
    UNLISTED,
    MD5_LINE_SCRAM_VERIFIER,
    CERT,
    CERT_AND_PASSWORD,
    TWO_LINES,
  ];
  const md5 = [...TYPES.map((type) => `${type}_md5`), SCRAM_LINE_MD5_VERIFIER];
  return [
    `SET password_encryption = 'scram-sha-256';`,
    ...scram.map((name) => `CREATE ROLE ${name} LOGIN PASSWORD '${PASSWORD}';`),
    `CREATE ROLE ${NO_LOGIN} NOLOGIN PASSWORD '${PASSWORD}';`,
    `CREATE ROLE ${NO_VERIFIER} LOGIN;`,
    `CREATE ROLE ${EXPIRED} LOGIN PASSWORD '${PASSWORD}' VALID UNTIL '2001-01-01';`,
    `CREATE ROLE ${NO_CONNECTIONS} LOGIN PASSWORD '${PASSWORD}' CONNECTION LIMIT 0;`,
    `SET password_encryption = 'md5';`,
    ...md5.map((name) => `CREATE ROLE ${name} LOGIN PASSWORD '${PASSWORD}';`),
  ].join('\n');
}
