import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { traceRecordings } from '../../src/inspect/trace-recording';
import { LAB_PASSWORD } from '../../src/lab/accounts';
import type { LabServer } from '../../src/lab/lab-server';
import { startMongoLab } from '../../src/lab/mongo-lab';
import { runMongo } from '../../src/live/mongo-run';
import { Run } from '../../src/live/run';
import { lookupSrv, type SrvResolver } from '../../src/live/srv';
import { mongoTarget } from '../../src/live/target-mongo';
import { mongoServer } from './support';

// Not every machine's resolver knows names below localhost.
vi.mock('node:dns', async (original) => {
  const dns = await original<typeof import('node:dns')>();
  const lookup = (host: string, options: object, done: (...answer: unknown[]) => void) => {
    if (host.endsWith('.localhost')) done(null, [{ address: '127.0.0.1', family: 4 }]);
    else dns.lookup(host, options, done as never);
  };
  return { ...dns, lookup };
});

function resolver(hosts: readonly [name: string, port: number][], txt: string[][] = []): SrvResolver {
  return {
    resolveSrv: async () => hosts.map(([name, port]) => ({ name, port, priority: 0, weight: 0 })),
    resolveTxt: async () => txt,
  };
}

describe('mongodb+srv', () => {
  let lab: LabServer;
  beforeAll(async () => {
    // The only name that every machine resolves to loopback, made the host of an SRV record.
    lab = await startMongoLab({ tls: true, certificate: { names: ['localhost', 'db.localhost'] } });
  });
  afterAll(() => lab?.close());

  it('takes hosts and authSource from DNS, and turns TLS on', async () => {
    const asked: string[] = [];
    const dns = resolver([['127.0.0.1.sub.example.test', lab.port]], [['authSource=admin']]);
    const answer = await lookupSrv('db.sub.example.test', 'mongodb', {
      ...dns,
      resolveSrv: (name) => {
        asked.push(name);
        return dns.resolveSrv(name);
      },
    });
    expect(asked).toEqual(['_mongodb._tcp.db.sub.example.test']);
    expect(answer).toEqual({
      hosts: [{ host: '127.0.0.1.sub.example.test', port: lab.port }],
      options: { authSource: 'admin' },
    });
  });

  it('connects to what the record names', async () => {
    const target = mongoTarget(`mongodb+srv://app_user:${LAB_PASSWORD}@localhost/`, {
      tlsCAFile: lab.caCertificatePem,
    });
    expect(target.driver.tls).toBe(true);
    const run = new Run({ timeoutMs: 5_000 }, 'unused', () => {});
    const error = await runMongo(target, run, resolver([['db.localhost', lab.port]]));
    const [first] = traceRecordings(run.recordings);
    expect(first.trace.steps[0].message).toBe('Resolve SRV');
    expect(error?.message).toBeUndefined();
    expect(first.trace.outcome).toBe('ready');
  });

  it('takes as many hosts as srvMaxHosts says', async () => {
    const target = mongoTarget('mongodb+srv://db.sub.example.invalid/?srvMaxHosts=2', {});
    const run = new Run({ timeoutMs: 5_000 }, 'unused', () => {});
    const names = ['a', 'b', 'c', 'd'].map((name) => `${name}.sub.example.invalid`);
    await runMongo(target, run, resolver(names.map((name): [string, number] => [name, 1])));
    const tried = run.recordings.map(({ server }) => server.address);
    expect(new Set(tried).size).toBe(2);
    for (const name of tried) expect(names).toContain(name);
  });

  it.each([
    ['', /replicaSet=rs0\. Leave replicaSet out/],
    ['&srvMaxHosts=1', /srvMaxHosts goes without replicaSet/],
  ])('follows replicaSet of the TXT record, with%s', async (more, words) => {
    const server = await mongoServer(() => ({ ok: 1, ismaster: true, maxWireVersion: 21 }));
    const target = mongoTarget(`mongodb+srv://localhost/?tls=false${more}`, {});
    const run = new Run({ timeoutMs: 5_000 }, 'unused', () => {});
    const dns = resolver([['db.localhost', server.port]], [['replicaSet=rs0']]);
    const error = await runMongo(target, run, dns);
    await server.stop();
    expect(error?.message).toMatch(words);
  });

  it.each([
    ['a host of another domain', resolver([['db.elsewhere.test', 27017]]), /not in the domain/],
    ['no host', resolver([]), /names no host/],
    [
      'two TXT records',
      resolver([['a.sub.example.test', 1]], [['authSource=a'], ['authSource=b']]),
      /at most one/,
    ],
    [
      'several hosts with loadBalanced of the TXT record',
      resolver(
        [
          ['a.sub.example.test', 1],
          ['b.sub.example.test', 1],
        ],
        [['loadBalanced=true']],
      ),
      /loadBalanced=true goes with one host.*DNS records/,
    ],
    ['a forbidden option', resolver([['a.sub.example.test', 1]], [['tls=false']]), /may not/],
  ])('refuses %s', async (_name, dns, words) => {
    const run = new Run({ timeoutMs: 1_000 }, 'unused', () => {});
    const target = mongoTarget('mongodb+srv://db.sub.example.test/', {});
    const error = await runMongo(target, run, dns);
    expect(error?.message).toMatch(words);
    expect(traceRecordings(run.recordings)[0].trace.outcome).toBe('failed');
  });
});
