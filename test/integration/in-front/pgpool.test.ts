/** A real pgpool-II in front of a real PostgreSQL. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { DATABASE, PostgresServer, ROLES } from '../../record/postgres-server';
import { psql } from '../../record/psql';
import { freePort } from '../../support/free-port';
import { startPgpool } from '../../support/in-front/pgpool';
import { type RunningProgram, stopPrograms } from '../../support/in-front/program';
import { all, causesOfPostgres, Watch } from '../../support/in-front/watch';
import { describeWith } from '../../support/toolchain';

const { scram } = ROLES;

interface Situation {
  readonly at: string;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly options?: Readonly<Record<string, string>>;
  readonly cause: string | readonly string[];
}

const SITUATIONS: Readonly<Record<string, Situation>> = {
  'lets the right password through': { at: 'plain', cause: 'PG_READY nobody' },
  'a wrong password': { at: 'plain', password: 'wrong', cause: 'PG_POOLER_PASSWORD_REFUSED client' },
  'a user who is not in pool_passwd': { at: 'plain', user: 'stranger', cause: 'PG_POOLER_NO_SECRET server' },
  'no such database in the server': { at: 'plain', database: 'absent', cause: 'PG_DATABASE_UNKNOWN client' },
  'a password that the server refuses': {
    at: 'outdated',
    password: 'outdated',
    cause: 'PG_POOLER_SERVER_LOGIN_FAILED server',
  },
  'an address that pool_hba.conf rejects': { at: 'rejecting', cause: 'PG_POOLER_REJECTS server' },
  'no TLS': { at: 'plain', options: { sslmode: 'require' }, cause: 'PG_TLS_DECLINED server' },
  'as many clients as it takes': { at: 'full', cause: 'PG_POOLER_FULL server' },
  'a server that is down': { at: 'lonely', cause: 'PG_POOLER_CANNOT_REACH_SERVER server' },
};

await describeWith('pgpool in front', ['pgpool', 'postgres18', 'psql'], ({ pgpool, postgres18 }) => {
  const poolers: Record<string, RunningProgram> = {};
  let server: PostgresServer;
  let watch: Watch;

  beforeAll(async () => {
    server = await PostgresServer.start(postgres18.bin);
    const users = { [scram.user]: scram.password };
    const to = server.port;
    poolers.plain = await startPgpool(pgpool.path, { to, users });
    poolers.outdated = await startPgpool(pgpool.path, { to, users: { [scram.user]: 'outdated' } });
    poolers.rejecting = await startPgpool(pgpool.path, { to, users, hba: 'host all all all reject\n' });
    poolers.lonely = await startPgpool(pgpool.path, { to: await freePort(), users });
    const settings = { num_init_children: 2, reserved_connections: 1 };
    poolers.full = await startPgpool(pgpool.path, { to, users, settings });
    // This one holds the only place; it ends with the pooler.
    void psql(
      `host=127.0.0.1 port=${poolers.full.port} user=${scram.user} dbname=${DATABASE} sslmode=disable`,
      { password: scram.password, libpq: postgres18.lib, command: 'SELECT pg_sleep(600)', limitMs: 600_000 },
    );
    const held =
      "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)' AND state = 'active'";
    await vi.waitFor(async () => expect(await server.sql(held)).toBe('1\n'), { timeout: 20_000 });
    watch = await Watch.start(Object.values(poolers).map(({ port }) => port));
  }, 120_000);
  afterAll(async () => {
    await watch?.stop();
    await stopPrograms();
    await server?.stop();
  });

  it.each(Object.entries(SITUATIONS))('%s', async (_says, { at, cause, ...situation }) => {
    const { user = scram.user, password = scram.password, database = DATABASE } = situation;
    const { options = { sslmode: 'disable' } } = situation;
    const asked = { port: poolers[at].port, user, password, database, options };
    expect(await causesOfPostgres(watch, asked, postgres18.lib)).toEqual(all(watch, cause));
  });
});
