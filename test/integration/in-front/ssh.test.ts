/** A real OpenSSH server where a database was meant, and its tunnels to one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATABASE, PostgresServer, ROLES } from '../../record/postgres-server';
import { freePort } from '../../support/free-port';
import { stopPrograms } from '../../support/in-front/program';
import { startSshd, startTunnel } from '../../support/in-front/ssh';
import { all, causesOfMongo, causesOfPostgres, Watch } from '../../support/in-front/watch';
import { describeWith } from '../../support/toolchain';

const { scram } = ROLES;
const PLAIN = { sslmode: 'disable' };
const TLS = { sslmode: 'require' };
/** Whether the client has spoken before the tunnel is closed depends on who is faster. */
const CLOSED = ['TCP_CLOSED_AT_ONCE server', 'PG_PLAIN_START_CLOSED server'];
const CLOSED_ON_REQUEST = ['TCP_CLOSED_AT_ONCE server', 'PG_SSL_REQUEST_CLOSED between'];
const SSH = 'SERVICE_OTHER_ANSWERED server';

await describeWith('OpenSSH', ['sshd', 'ssh', 'postgres18', 'psql'], ({ sshd, ssh, postgres18 }) => {
  let server: PostgresServer;
  let ports: Readonly<Record<string, number>>;
  let watch: Watch;

  beforeAll(async () => {
    server = await PostgresServer.start(postgres18.bin);
    const daemon = await startSshd(sshd.path);
    const tunnel = await startTunnel(ssh.path, daemon, server.port);
    const lost = await startTunnel(ssh.path, daemon, await freePort());
    ports = { daemon: daemon.port, tunnel: tunnel.port, lost: lost.port };
    watch = await Watch.start(Object.values(ports));
  }, 60_000);
  afterAll(async () => {
    await watch?.stop();
    await stopPrograms();
    await server?.stop();
  });

  describe('where PostgreSQL was meant', () => {
    it.each([
      ['answers with its banner', 'daemon', PLAIN, SSH],
      ['answers SSLRequest with its banner', 'daemon', TLS, SSH],
      ['carries a login', 'tunnel', PLAIN, 'PG_READY nobody', undefined],
      ['carries TLS', 'tunnel', TLS, 'PG_READY nobody', 'PG_ENCRYPTED capture'],
      ['has nobody at the end of its tunnel', 'lost', PLAIN, CLOSED],
      ['has nobody at the end of its tunnel, and is asked for TLS', 'lost', TLS, CLOSED_ON_REQUEST],
    ])('%s', async (_says, at, options, cause, recorded?: string) => {
      const { user, password } = scram;
      const asked = { port: ports[at], user, password, database: DATABASE, options };
      expect(await causesOfPostgres(watch, asked, postgres18.lib)).toEqual(all(watch, cause, recorded));
    });
  });

  describe('where MongoDB was meant', () => {
    it.each([
      ['answers with its banner', 'daemon', [SSH]],
      [
        'has nobody at the end of its tunnel',
        'lost',
        ['TCP_CLOSED_AT_ONCE server', 'MONGO_CLOSED_ON_HELLO server, or MONGO_TLS_REQUIRED'],
      ],
    ])('%s', async (_says, at, causes) => {
      const seen = await causesOfMongo(watch, { port: ports[at], options: {} });
      expect(seen.saved).toEqual(seen.live);
      // The driver gives up some of its connections itself.
      const left = ['TCP_PORT_CHECK client', 'TCP_CLIENT_CANCELLED client', 'MONGO_ENDED client'];
      for (const cause of [...seen.live, ...(seen.recorded ?? [])]) expect(causes).toContain(cause);
      for (const cause of seen.driver ?? []) expect([...causes, ...left]).toContain(cause);
    });
  });
});
