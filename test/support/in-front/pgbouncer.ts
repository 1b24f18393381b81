/** A real pgbouncer. */
import type { ServerCertificate } from '../../../src/lab/certificates';
import { freePort } from '../free-port';
import { type RunningProgram, startProgram } from './program';

export interface PgbouncerOptions {
  /** Name of each database and its connection string. */
  readonly databases: Readonly<Record<string, string>>;
  /** Name and secret of each user, for `auth_file`. */
  readonly users: Readonly<Record<string, string>>;
  /** More lines of the section `[pgbouncer]`. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** TLS for clients, with this certificate; `client_tls_sslmode` is for `settings`. */
  readonly certificate?: ServerCertificate;
}

export async function startPgbouncer(program: string, options: PgbouncerOptions): Promise<RunningProgram> {
  const port = await freePort();
  const { databases, users, settings, certificate } = options;
  return startProgram({
    file: program,
    args: (folder) => [`${folder}/pgbouncer.ini`],
    port,
    files: (folder) => ({
      'pgbouncer.ini': [
        '[databases]',
        ...lines(databases),
        '[pgbouncer]',
        ...lines({
          listen_addr: '127.0.0.1',
          listen_port: port,
          unix_socket_dir: '',
          auth_type: 'scram-sha-256',
          auth_file: `${folder}/users.txt`,
          // Tests do not wait as long as people do.
          server_connect_timeout: 2,
          server_login_retry: 1,
          query_wait_timeout: 3,
          ...(certificate && {
            client_tls_sslmode: 'allow',
            client_tls_cert_file: `${folder}/server.crt`,
            client_tls_key_file: `${folder}/server.key`,
            client_tls_ca_file: `${folder}/ca.crt`,
          }),
          ...settings,
        }),
        '',
      ].join('\n'),
      'users.txt': Object.entries(users)
        .map(([name, secret]) => `"${name}" "${secret}"\n`)
        .join(''),
      ...(certificate && {
        'server.crt': certificate.certificate,
        'server.key': certificate.key,
        'ca.crt': certificate.caCertificate,
      }),
    }),
  });
}

function lines(settings: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
}
