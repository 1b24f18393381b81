/** A real HAProxy in front of a real PostgreSQL. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeServerCertificate } from '../../../src/lab/certificates';
import { DATABASE, PostgresServer, ROLES } from '../../record/postgres-server';
import { freePort } from '../../support/free-port';
import { startHaproxy } from '../../support/in-front/haproxy';
import { stopPrograms } from '../../support/in-front/program';
import { all, causesOfPostgres, Watch } from '../../support/in-front/watch';
import { describeWith } from '../../support/toolchain';

const { scram } = ROLES;

interface Situation {
  /** Name of the front. */
  readonly at: string;
  readonly options: Readonly<Record<string, string>>;
  readonly cause: string | readonly string[];
  /** Where a recording without keys sees less. */
  readonly recorded?: string;
  /** Between HAProxy and the server. */
  readonly behind?: string;
}

const PLAIN = { sslmode: 'disable' };
const TLS = { sslmode: 'require' };
const DIRECT = { sslmode: 'require', sslnegotiation: 'direct' };
const UNSEEN = 'PG_ENCRYPTED capture';
const HEADER = 'SERVICE_PROXY_HEADER between';

/** Whether the client has spoken before the connection is closed depends on who is faster. */
const CLOSED = ['TCP_CLOSED_AT_ONCE server', 'PG_PLAIN_START_CLOSED server'];
const CLOSED_ON_REQUEST = ['TCP_CLOSED_AT_ONCE server', 'PG_SSL_REQUEST_CLOSED between'];

const SITUATIONS: Readonly<Record<string, Situation>> = {
  'passes a login on': { at: 'tcp', options: PLAIN, cause: 'PG_READY nobody' },
  'passes TLS on': { at: 'tcp', options: TLS, cause: 'PG_READY nobody', recorded: UNSEEN },
  'has no server behind it': { at: 'alone', options: PLAIN, cause: CLOSED },
  'has no server behind it, and is asked for TLS': { at: 'alone', options: TLS, cause: CLOSED_ON_REQUEST },
  'has no server behind what it has read': {
    at: 'listens',
    options: PLAIN,
    cause: 'PG_PLAIN_START_CLOSED server',
  },
  'has no server behind the SSLRequest that it has read': {
    at: 'listens',
    options: TLS,
    cause: 'PG_SSL_REQUEST_CLOSED between',
  },
  'forwards as HTTP': { at: 'http', options: PLAIN, cause: 'SERVICE_OTHER_ANSWERED server' },
  'forwards as HTTP, and is asked for TLS': {
    at: 'http',
    options: TLS,
    cause: 'SERVICE_OTHER_ANSWERED server',
  },
  'puts a PROXY header in front': { at: 'proxy1', options: PLAIN, cause: CLOSED, behind: HEADER },
  'puts a PROXY header in front of TLS': {
    at: 'proxy1',
    options: TLS,
    cause: CLOSED_ON_REQUEST,
    behind: HEADER,
  },
  'puts a PROXY header of version 2 in front': {
    at: 'proxy2',
    options: PLAIN,
    cause: CLOSED,
    behind: HEADER,
  },
  // It leaves without an alert: the same bytes as of a balancer that has no server.
  'speaks TLS from the first byte, and is asked for it': {
    at: 'tls',
    options: TLS,
    cause: 'PG_SSL_REQUEST_CLOSED between',
  },
  'speaks TLS from the first byte, and the client none': {
    at: 'tls',
    options: PLAIN,
    cause: 'PG_PLAIN_START_CLOSED server',
  },
  // Sealed, and the same as a certificate for another name; the other cause is told, too.
  'takes direct TLS, and chooses no ALPN': {
    at: 'tls',
    options: DIRECT,
    cause: 'PG_ALPN_NOT_CHOSEN server',
    recorded: 'TLS_CERTIFICATE_REFUSED client, or PG_ALPN_NOT_CHOSEN',
  },
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
          listens: { mode: 'tcp', to: await freePort(), listens: true },
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
        const there = await behind.during(server.port, 2, async () => {
          causes = await look();
        });
        expect(causes).toEqual(all(watch, cause, recorded));
        if (there) expect(there).toEqual([seen, seen]);
      },
    );
  },
);
