/** A real stunnel in front of a real PostgreSQL, and of FerretDB. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeServerCertificate } from '../../../src/lab/certificates';
import { DATABASE, PostgresServer, ROLES } from '../../record/postgres-server';
import { type FerretDb, startFerretDb } from '../../support/ferretdb';
import { freePort } from '../../support/free-port';
import { stopPrograms } from '../../support/in-front/program';
import { startStunnel } from '../../support/in-front/stunnel';
import { all, causesOf, causesOfMongo, causesOfPostgres, Watch } from '../../support/in-front/watch';
import { describeWith } from '../../support/toolchain';
import { run } from '../support';

const { scram, md5 } = ROLES;
const PLAIN = { sslmode: 'disable' };
const TLS = { sslmode: 'require' };
const DIRECT = { sslmode: 'require', sslnegotiation: 'direct' };
const UNSEEN = 'PG_ENCRYPTED capture';

/** Service, options of the client, cause, and what a recording without keys sees. */
const POSTGRES: readonly (readonly [
  says: string,
  at: string,
  options: Readonly<Record<string, string>>,
  cause: string,
  recorded?: string,
])[] = [
  // It resets without an alert: the same bytes as of a balancer that has no server.
  ['speaks TLS from the first byte, and is asked for it', 'raw', TLS, 'PG_SSL_REQUEST_CLOSED between'],
  ['speaks TLS from the first byte, and the client none', 'raw', PLAIN, 'PG_PLAIN_START_CLOSED server'],
  [
    'takes direct TLS, and chooses no ALPN',
    'raw',
    DIRECT,
    'PG_ALPN_NOT_CHOSEN server',
    'TLS_CERTIFICATE_REFUSED client, or PG_ALPN_NOT_CHOSEN',
  ],
  ['answers SSLRequest', 'pgsql', TLS, 'PG_READY nobody', UNSEEN],
  ['answers SSLRequest, and the client sends none', 'pgsql', PLAIN, 'PG_PLAIN_START_CLOSED server'],
  [
    'answers SSLRequest, and has no server behind it',
    'pgsqlAlone',
    TLS,
    'PG_CLOSED_INSIDE_TLS between',
    UNSEEN,
  ],
  ['wants a client certificate', 'asking', TLS, 'TLS_CLIENT_CERTIFICATE_MISSING client'],
  // The server offers a channel binding that the client, without TLS, takes for an attack.
  ['encrypts for a client that speaks no TLS', 'client', PLAIN, 'PG_PLUS_WITHOUT_TLS between'],
];

await describeWith(
  'stunnel',
  ['stunnel', 'postgres18', 'psql', 'ferretdb'],
  ({ stunnel, postgres18, ferretdb }) => {
    let server: PostgresServer;
    let mongo: FerretDb;
    let ports: Record<string, number>;
    let watch: Watch;

    beforeAll(async () => {
      server = await PostgresServer.start(postgres18.bin);
      mongo = await startFerretDb(ferretdb.path);
      const to = server.port;
      const dead = await freePort();
      const certificate = await makeServerCertificate();
      ({ ports } = await startStunnel(
        stunnel.path,
        {
          raw: { to },
          pgsql: { to, protocol: 'pgsql' },
          pgsqlAlone: { to: dead, protocol: 'pgsql' },
          asking: { to, protocol: 'pgsql', asksClients: true },
          client: { to, client: true, protocol: 'pgsql' },
          clientAlone: { to: dead, client: true, protocol: 'pgsql' },
          mongo: { to: mongo.port },
        },
        certificate,
      ));
      watch = await Watch.start(Object.values(ports));
    }, 60_000);
    afterAll(async () => {
      await watch?.stop();
      await stopPrograms();
      await mongo?.stop();
      await server?.stop();
    });

    describe('in front of PostgreSQL', () => {
      it.each(POSTGRES.map((row) => ({ row, says: row[0] })))('$says', async ({ row }) => {
        const [, at, options, cause, recorded] = row;
        const { user, password } = scram;
        const asked = { port: ports[at], user, password, database: DATABASE, options };
        expect(await causesOfPostgres(watch, asked, postgres18.lib)).toEqual(all(watch, cause, recorded));
      });
    });

    it('encrypts for a client that logs in without SCRAM', async () => {
      const { user, password } = md5;
      const asked = { port: ports.client, user, password, database: DATABASE, options: PLAIN };
      expect(await causesOfPostgres(watch, asked, postgres18.lib)).toEqual(all(watch, 'PG_READY nobody'));
    });

    it('encrypts to a server that is down', async () => {
      // Whether the client has spoken before the reset depends on who is faster; if not, no recording can tell what was meant.
      const uri = `postgresql://${scram.user}@127.0.0.1:${ports.clientAlone}/${DATABASE}`;
      const { live, saved } = causesOf(await run(uri, PLAIN, { password: scram.password }));
      expect(live).toEqual([expect.toBeOneOf(['TCP_CLOSED_AT_ONCE server', 'PG_PLAIN_START_CLOSED server'])]);
      expect(saved).toEqual(live);
    });

    describe('in front of MongoDB', () => {
      it('a client that speaks no TLS', async () => {
        const closed = 'MONGO_CLOSED_ON_HELLO server, or MONGO_TLS_REQUIRED';
        const {
          live,
          saved,
          recorded = live,
          driver = live,
        } = await causesOfMongo(watch, {
          port: ports.mongo,
          options: {},
        });
        expect(new Set([...live, ...saved, ...recorded])).toEqual(new Set([closed]));
        expect(driver).toContain(closed);
      });

      it('TLS that works', async () => {
        const options = { tls: 'true', tlsAllowInvalidCertificates: 'true' };
        const { live, saved } = await causesOfMongo(watch, { port: ports.mongo, options }, 0);
        expect([live, saved]).toEqual([['MONGO_OPEN nobody'], ['MONGO_OPEN nobody']]);
      });
    });
  },
);
