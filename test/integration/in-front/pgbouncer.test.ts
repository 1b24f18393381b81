/** A real pgbouncer in front of a real PostgreSQL: what it says in the server's place, and what it passes on. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { makeServerCertificate } from '../../../src/lab/certificates';
import { DATABASE, PostgresServer, ROLES } from '../../record/postgres-server';
import { psql } from '../../record/psql';
import { freePort } from '../../support/free-port';
import { type PgbouncerOptions, startPgbouncer } from '../../support/in-front/pgbouncer';
import { type RunningProgram, stopPrograms } from '../../support/in-front/program';
import { all, causesOfPostgres, Watch } from '../../support/in-front/watch';
import { describeWith } from '../../support/toolchain';

const { scram, md5, unlisted } = ROLES;

interface Situation {
  /** Which of the poolers. */
  readonly at: string;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly options?: Readonly<Record<string, string>>;
  readonly cause: string;
  /** Where a recording without keys sees less. */
  readonly recorded?: string;
}

const TLS = { sslmode: 'require' };
const UNSEEN = 'PG_ENCRYPTED capture';

const SITUATIONS: Readonly<Record<string, Situation>> = {
  'lets the right password through': { at: 'plain', cause: 'PG_READY nobody' },
  // A user that it does not know is asked all the same, so that nobody can find out who exists.
  'a wrong password': { at: 'plain', password: 'wrong', cause: 'PG_POOLER_PASSWORD_REFUSED client' },
  'an unknown user': { at: 'plain', user: 'stranger', cause: 'PG_POOLER_PASSWORD_REFUSED client' },
  'an unknown user that nobody asks': {
    at: 'trusting',
    user: 'stranger',
    cause: 'PG_POOLER_USER_UNKNOWN server',
  },
  'no such database in the pooler': { at: 'plain', database: 'nowhere', cause: 'PG_POOLER_NO_POOL server' },
  'no such database in the server': { at: 'plain', database: 'absent', cause: 'PG_DATABASE_UNKNOWN client' },
  'a database that is disabled': { at: 'plain', database: 'disabled', cause: 'PG_POOLER_STOPPED server' },
  'a database without a free place': {
    at: 'plain',
    database: 'limited',
    cause: 'PG_CONNECTION_LIMIT server',
  },
  'a server that refuses the password of the pooler': {
    at: 'plain',
    database: 'refused',
    cause: 'PG_POOLER_SERVER_LOGIN_FAILED server',
  },
  'a server that has no pg_hba.conf entry': {
    at: 'plain',
    database: 'unlisted',
    cause: 'PG_POOLER_SERVER_LOGIN_FAILED server',
  },
  'an md5 secret for a server that wants SCRAM': {
    at: 'trusting',
    cause: 'PG_POOLER_NO_SECRET server',
  },
  'a server that is down': { at: 'lonely', cause: 'PG_POOLER_CANNOT_REACH_SERVER server' },
  'a startup parameter': {
    at: 'plain',
    options: { sslmode: 'disable', options: '-c statement_timeout=5s' },
    cause: 'PG_POOLER_PARAMETER client',
  },
  'no TLS': { at: 'plain', options: TLS, cause: 'PG_TLS_DECLINED server' },
  'TLS that works': { at: 'secure', options: TLS, cause: 'PG_READY nobody', recorded: UNSEEN },
  'a wrong password inside TLS': {
    at: 'secure',
    password: 'wrong',
    options: TLS,
    cause: 'PG_POOLER_PASSWORD_REFUSED client',
    recorded: UNSEEN,
  },
  'TLS that is required': { at: 'secure', cause: 'PG_TLS_REQUIRED client' },
  'a client certificate that is required': {
    at: 'certified',
    options: TLS,
    cause: 'TLS_CLIENT_CERTIFICATE_MISSING client',
  },
  'as many clients as it takes': { at: 'full', cause: 'PG_POOLER_FULL server' },
  'a pool that stays busy': { at: 'busy', cause: 'PG_POOLER_WAITED server' },
};

await describeWith('pgbouncer in front', ['pgbouncer', 'postgres18', 'psql'], ({ pgbouncer, postgres18 }) => {
  const poolers: Record<string, RunningProgram> = {};
  let server: PostgresServer;
  let watch: Watch;

  beforeAll(async () => {
    server = await PostgresServer.start(postgres18.bin);
    await server.sql('CREATE DATABASE limited CONNECTION LIMIT 0');
    const dead = await freePort();
    const certificate = await makeServerCertificate();
    const to = (more = '', port = server.port) => `host=127.0.0.1 port=${port} ${more}`;
    const start = async (name: string, options: Partial<PgbouncerOptions> = {}) => {
      poolers[name] = await startPgbouncer(pgbouncer.path, {
        databases: { [DATABASE]: to() },
        users: { [scram.user]: scram.password },
        ...options,
      });
    };
    await start('plain', {
      databases: {
        [DATABASE]: to(),
        absent: to(),
        limited: to(),
        disabled: to(),
        refused: to(`user=${scram.user} password=outdated`),
        unlisted: to(`dbname=${DATABASE} user=${unlisted.user}`),
      },
      settings: { admin_users: scram.user },
    });
    await start('trusting', {
      users: { [scram.user]: `md5${'0'.repeat(32)}` },
      settings: { auth_type: 'trust' },
    });
    await start('lonely', { databases: { [DATABASE]: to('', dead) }, settings: { client_login_timeout: 2 } });
    await start('secure', { certificate, settings: { client_tls_sslmode: 'require' } });
    await start('certified', { certificate, settings: { client_tls_sslmode: 'verify-full' } });
    await start('full', { settings: { max_client_conn: 1 } });
    await start('busy', {
      users: { [scram.user]: scram.password, [md5.user]: md5.password },
      settings: { max_db_connections: 1 },
    });

    const session = (
      at: string,
      who: { user: string; password: string },
      database: string,
      command: string,
    ) =>
      psql(`host=127.0.0.1 port=${poolers[at].port} user=${who.user} dbname=${database} sslmode=disable`, {
        password: who.password,
        libpq: postgres18.lib,
        command,
        limitMs: 600_000,
      });
    await session('plain', scram, 'pgbouncer', 'DISABLE disabled');
    // These hold the only place; they end with the server.
    void session('full', scram, DATABASE, 'SELECT pg_sleep(600)');
    void session('busy', md5, DATABASE, 'SELECT pg_sleep(600)');
    const held = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'";
    await vi.waitFor(async () => expect(await server.sql(held)).toBe('2\n'), { timeout: 20_000 });
    watch = await Watch.start(Object.values(poolers).map(({ port }) => port));
  }, 120_000);
  afterAll(async () => {
    await watch?.stop();
    await stopPrograms();
    await server?.stop();
  });

  it.each(Object.entries(SITUATIONS))('%s', async (_says, { at, cause, recorded, ...situation }) => {
    const { user = scram.user, password = scram.password, database = DATABASE } = situation;
    const { options = { sslmode: 'disable' } } = situation;
    const { port } = poolers[at];
    const causes = await causesOfPostgres(watch, { port, user, password, database, options }, postgres18.lib);
    expect(causes).toEqual(all(watch, cause, recorded));
  });
});
