/** A real HAProxy in front of FerretDB, a real server of MongoDB's protocol. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeServerCertificate } from '../../../src/lab/certificates';
import { type FerretDb, startFerretDb } from '../../support/ferretdb';
import { freePort } from '../../support/free-port';
import { startHaproxy } from '../../support/in-front/haproxy';
import { stopPrograms } from '../../support/in-front/program';
import { causesOfMongo, Watch } from '../../support/in-front/watch';
import { describeWith } from '../../support/toolchain';

const USER = { name: 'app_user', password: 'correct horse' };

interface Situation {
  readonly at: string;
  readonly tls?: boolean;
  /** What our client, the saved run and a recording of it give. */
  readonly cause: string | readonly string[];
  /** What the driver's connections give as well: it makes more than one. */
  readonly others?: readonly string[];
  /** Sealed, and on a port that may be anybody's: no recording can tell that it is MongoDB. */
  readonly unlisted?: boolean;
  /** Between HAProxy and the server. */
  readonly behind?: string;
}

/** The driver gives up some of its connections itself. */
const LEFT = ['TCP_PORT_CHECK client', 'TCP_CLIENT_CANCELLED client', 'MONGO_ENDED client'];
const HEADER = 'SERVICE_PROXY_HEADER between';
/** Whether the client has spoken before the connection is closed depends on who is faster. */
const CLOSED = ['TCP_CLOSED_AT_ONCE server', 'MONGO_CLOSED_ON_HELLO server, or MONGO_TLS_REQUIRED'];

const SITUATIONS: Readonly<Record<string, Situation>> = {
  'passes a login on': {
    at: 'tcp',
    cause: 'MONGO_READY nobody',
    others: ['MONGO_ONLY_HELLO client', 'MONGO_MONITOR nobody'],
  },
  'has no server behind it': { at: 'alone', cause: CLOSED },
  'has no server behind what it has read': {
    at: 'listens',
    cause: 'MONGO_CLOSED_ON_HELLO server, or MONGO_TLS_REQUIRED',
  },
  'forwards as HTTP': { at: 'http', cause: 'SERVICE_OTHER_ANSWERED server' },
  'puts a PROXY header in front': { at: 'proxy1', cause: CLOSED, behind: HEADER },
  'puts a PROXY header of version 2 in front': { at: 'proxy2', cause: CLOSED, behind: HEADER },
  'ends TLS': { at: 'tls', tls: true, cause: 'MONGO_READY nobody', unlisted: true },
  'ends TLS without a server behind it': {
    at: 'tlsAlone',
    tls: true,
    cause: 'MONGO_CLOSED_ON_HELLO_IN_TLS server',
    unlisted: true,
  },
  'wants TLS, and the client speaks none': {
    at: 'tlsOnly',
    cause: 'MONGO_CLOSED_ON_HELLO server, or MONGO_TLS_REQUIRED',
  },
  // FerretDB waits for the rest of what it takes for a long message.
  'ends no TLS, and the client wants it': { at: 'tcp', tls: true, cause: 'TLS_SERVER_SILENT server' },
};

await describeWith('HAProxy in front of MongoDB', ['haproxy', 'ferretdb'], ({ haproxy, ferretdb }) => {
  let server: FerretDb;
  let ports: Record<string, number>;
  let ca: string;
  let watch: Watch;
  let behind: Watch;

  beforeAll(async () => {
    server = await startFerretDb(ferretdb.path, { user: USER });
    const to = server.port;
    const certificate = await makeServerCertificate();
    const dead = await freePort();
    const started = await startHaproxy(
      haproxy.path,
      {
        tcp: { mode: 'tcp', to },
        alone: { mode: 'tcp', to: dead },
        listens: { mode: 'tcp', to: dead, listens: true },
        http: { mode: 'http', to },
        proxy1: { mode: 'tcp', to, server: 'send-proxy' },
        proxy2: { mode: 'tcp', to, server: 'send-proxy-v2' },
        tls: { mode: 'tcp', to, bind: 'ssl crt CERTIFICATE' },
        tlsOnly: { mode: 'tcp', to, bind: 'ssl crt CERTIFICATE' },
        tlsAlone: { mode: 'tcp', to: dead, bind: 'ssl crt CERTIFICATE' },
      },
      certificate,
    );
    ports = started.ports;
    ca = path.join(started.program.folder, 'ca.pem');
    writeFileSync(ca, certificate.caCertificate);
    watch = await Watch.start(Object.values(ports));
    behind = await Watch.start([server.port]);
  }, 60_000);
  afterAll(async () => {
    await watch?.stop();
    await behind?.stop();
    await stopPrograms();
    await server?.stop();
  });

  it.each(Object.entries(SITUATIONS))('%s', async (_says, situation) => {
    const { at, tls, cause, others = [], unlisted, behind: seen } = situation;
    const options: Record<string, string> = tls ? { tls: 'true', tlsCAFile: ca } : {};
    const { name: user, password } = USER;
    let causes: Record<string, readonly string[]> = {};
    const look = async () => {
      causes = await causesOfMongo(watch, { port: ports[at], user, password, options }, unlisted ? 0 : 1);
    };
    const there = seen ? await behind.during(server.port, 2, look) : void (await look());
    const any = typeof cause === 'string' ? [cause] : cause;
    expect(causes.saved).toEqual(causes.live);
    for (const way of ['live', 'saved'] as const) {
      for (const one of causes[way]) expect([way, one]).toEqual([way, expect.toBeOneOf([...any])]);
    }
    if (watch.records) {
      expect(causes.recorded.length > 0).toBe(!unlisted);
      for (const one of causes.recorded) expect(any).toContain(one);
      for (const one of causes.driver) expect([...any, ...others, ...LEFT]).toContain(one);
    }
    if (there) expect(new Set(there)).toEqual(new Set([seen]));
  });
});
