/** A real pgbouncer in front of a real PostgreSQL: what it says in the server's place, and what it passes on. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeServerCertificate } from '../../../src/lab/certificates';
import { DATABASE, freePort, PostgresServer, ROLES } from '../../record/postgres-server';
import { startPgbouncer } from '../../support/in-front/pgbouncer';
import { stopPrograms } from '../../support/in-front/program';
import { all, causesOfPostgres, Watch } from '../../support/in-front/watch';
import { describeWith } from '../../support/toolchain';

const { scram, trust } = ROLES;

/** Name of the pooler's instance, what is asked of it, and the cause. */
const SITUATIONS: readonly [string, string, Situation, string][] = [
  ['lets a right password through', 'plain', {}, 'PG_READY nobody'],
  ['a wrong password', 'plain', { password: 'wrong' }, 'PG_POOLER_PASSWORD_REFUSED client'],
  ['a user it does not know', 'plain', { user: 'stranger' }, 'PG_POOLER_USER_UNKNOWN server'],
  ['a database it has no pool for', 'plain', { database: 'nowhere' }, 'PG_POOLER_NO_POOL server'],
  ['a database that the server does not have', 'plain', { database: 'absent' }, 'PG_DATABASE_UNKNOWN client'],
  ['a server that is down', 'plain', { database: 'down' }, 'PG_POOLER_CANNOT_REACH_SERVER server'],
  ['a password that the server refuses', 'plain', { database: 'refused' }, 'PG_POOLER_SERVER_LOGIN_FAILED server'],
  ['no TLS', 'plain', { options: { sslmode: 'require' } }, 'PG_TLS_DECLINED server'],
  ['a start-up parameter', 'plain', { options: { sslmode: 'disable', options: '-c statement_timeout=5s' } }, 'PG_POOLER_PARAMETER client'],
  ['an md5 secret for a server with SCRAM', 'md5', { database: 'needs_scram' }, 'PG_POOLER_NO_SECRET server'],
  ['TLS that works', 'tls', { options: { sslmode: 'require' } }, 'PG_READY nobody'],
  ['TLS that is required', 'tls', {}, 'PG_TLS_REQUIRED client'],
  ['no more clients', 'full', {}, 'PG_POOLER_FULL server'],
  ['a pool that stays busy', 'busy', {}, 'PG_POOLER_WAITED server'],
  ['a paused database', 'plain', { database: 'paused' }, 'PG_POOLER_STOPPED server'],
];

interface Situation {
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly options?: Readonly<Record<string, string>>;
}

await describeWith('pgbouncer in front', ['pgbouncer', 'postgres18', 'psql'], ({ pgbouncer, postgres18 }) => {
  const ports: Record<string, number> = {};
  let server: PostgresServer;
  let watch: Watch;

  beforeAll(async () => {
    server = await PostgresServer.start(postgres18.bin);
    const to = (more = '', port = server.port) => `host=127.0.0.1 port=${port} ${more}`;
    const start = async (name: string, options: Partial<Parameters<typeof startPgbouncer>[1]> = {}) => {
      const program = await startPgbouncer(pgbouncer.path, {
        databases: {
          [DATABASE]: to(),
          absent: to(),
          down: to('', await freePort()),
          refused: to(`user=${scram.user} password=outdated`),
          needs_scram: to(`dbname=${DATABASE}`),
        },
        users: { [scram.user]: scram.password },
        ...options,
      });
      ports[name] = program.port;
    };
    await start('plain');
    await start('md5', { users: { [scram.user]: `md5${'0'.repeat(32)}` }, settings: { auth_type: 'trust' } });
    await start('tls', {
      certificate: await makeServerCertificate(),
      settings: { client_tls_sslmode: 'require' },
    });
    await start('full', { settings: { max_client_conn: 0 } });
    await start('busy', { settings: { default_pool_size: 1 } });
    watch = await Watch.start(Object.values(ports));
  }, 120_000);
  afterAll(async () => {
    await watch?.stop();
    await stopPrograms();
    await server?.stop();
  });

  it.each(SITUATIONS)('%s', async (_says, name, situation, cause) => {
    const { user = scram.user, password = scram.password, database = DATABASE, options } = situation;
    const causes = await causesOfPostgres(
      watch,
      { port: ports[name], user, password, database, options: options ?? { sslmode: 'disable' } },
      postgres18.lib,
    );
    expect(causes).toEqual(all(watch, cause));
  });
});
void trust;
