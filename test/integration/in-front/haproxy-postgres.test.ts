/** A real HAProxy in front of a real PostgreSQL. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeServerCertificate } from '../../../src/lab/certificates';
import { DATABASE, freePort, PostgresServer, ROLES } from '../../record/postgres-server';
import { startHaproxy } from '../../support/in-front/haproxy';
import { stopPrograms } from '../../support/in-front/program';
import { all, causesOfPostgres, Watch } from '../../support/in-front/watch';
import { describeWith } from '../../support/toolchain';

const { scram } = ROLES;

interface Situation {
  /** Name of the front. */
  readonly at: string;
  readonly options: Readonly<Record<string, string>>;
  readonly cause: string;
  /** Where a recording without keys sees less. */
  readonly recorded?: string;
  /** Between HAProxy and the server. */
  readonly behind?: string;
}

const PLAIN = { sslmode: 'disable' };
const TLS = { sslmode: 'require' };
const DIRECT = { sslmode: 'require', sslnegotiation: 'direct' };
const UNSEEN = 'PG_ENCRYPTED capture';

const SITUATIONS: Readonly<Record<string, Situation>> = {
  'passes a login on': { at: 'tcp', options: PLAIN, cause: 'PG_READY nobody' },
  'passes TLS on': { at: 'tcp', options: TLS, cause: 'PG_READY nobody', recorded: UNSEEN },
  'has no server behind it': { at: 'alone', options: PLAIN, cause: 'PG_CLOSED_AT_STARTUP server' },
  'has no server behind it, and is asked for TLS': {
    at: 'alone',
    options: TLS,
    cause: 'PG_SSL_REQUEST_CLOSED between',
  },
  'forwards as HTTP': { at: 'http', options: PLAIN, cause: 'SERVICE_OTHER_ANSWERED server' },
  'forwards as HTTP, and is asked for TLS': {
    at: 'http',
    options: TLS,
    cause: 'SERVICE_OTHER_ANSWERED server',
  },
  'puts a PROXY header in front': {
    at: 'proxy1',
    options: PLAIN,
    cause: 'PG_CLOSED_AT_STARTUP server',
    behind: 'SERVICE_PROXY_HEADER between',
  },
  'puts a PROXY header of version 2 in front': {
    at: 'proxy2',
    options: PLAIN,
    cause: 'PG_CLOSED_AT_STARTUP server',
    behind: 'SERVICE_PROXY_HEADER between',
  },
  'speaks TLS from the first byte, and is asked for it': {
    at: 'tls',
    options: TLS,
    cause: 'SERVICE_TLS_EXPECTED client',
  },
  'speaks TLS from the first byte, and the client none': {
    at: 'tls',
    options: PLAIN,
    cause: 'SERVICE_TLS_EXPECTED client',
  },
  'takes direct TLS, and chooses no ALPN': { at: 'tls', options: DIRECT, cause: 'PG_ALPN_NOT_CHOSEN server' },
  'takes direct TLS': { at: 'alpn', options: DIRECT, cause: 'PG_READY nobody', recorded: UNSEEN },
  'takes direct TLS, and makes another to the server': {
    at: 'both',
    options: DIRECT,
    cause: 'PG_CHANNEL_BINDING_FAILED between',
    recorded: UNSEEN,
  },
};

await describeWith(
  'HAProxy in front of PostgreSQL',
  ['haproxy', 'postgres18', 'psql'],
  ({ haproxy, postgres18 }) => {
    let server: PostgresServer;
    let ports: Record<string, number>;
    let watch: Watch;
    let behind: Watch;

    beforeAll(async () => {
      server = await PostgresServer.start(postgres18.bin);
      const to = server.port;
      const certificate = await makeServerCertificate();
      ({ ports } = await startHaproxy(
        haproxy.path,
        {
          tcp: { mode: 'tcp', to },
          alone: { mode: 'tcp', to: await freePort() },
          http: { mode: 'http', to },
          proxy1: { mode: 'tcp', to, server: 'send-proxy' },
          proxy2: { mode: 'tcp', to, server: 'send-proxy-v2' },
          tls: { mode: 'tcp', to, bind: 'ssl crt CERTIFICATE' },
          alpn: { mode: 'tcp', to, bind: 'ssl crt CERTIFICATE alpn postgresql' },
          both: {
            mode: 'tcp',
            to,
            bind: 'ssl crt CERTIFICATE alpn postgresql',
            server: 'ssl verify none alpn postgresql',
          },
        },
        certificate,
      ));
      watch = await Watch.start(Object.values(ports));
      behind = await Watch.start([server.port]);
    }, 60_000);
    afterAll(async () => {
      await watch?.stop();
      await behind?.stop();
      await stopPrograms();
      await server?.stop();
    });

    it.each(Object.entries(SITUATIONS))(
      '%s',
      async (_says, { at, options, cause, recorded, behind: seen }) => {
        const { user, password } = scram;
        const look = () =>
          causesOfPostgres(
            watch,
            { port: ports[at], user, password, database: DATABASE, options },
            postgres18.lib,
          );
        if (seen === undefined) {
          expect(await look()).toEqual(all(watch, cause, recorded));
          return;
        }
        let causes: unknown;
        const there = await behind.during(2, async () => {
          causes = await look();
        });
        expect(causes).toEqual(all(watch, cause, recorded));
        if (there) expect(there).toEqual([seen, seen]);
      },
    );
  },
);
