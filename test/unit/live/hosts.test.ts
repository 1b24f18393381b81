import { expect, it, vi } from 'vitest';
import { connectTest } from '../../../src/live/connect';
import { targetFromUri } from '../../../src/live/target';

// Names below `there` are this machine, all others are unknown.
vi.mock('../../../src/live/resolve', () => ({
  resolveHost: async (host: string) => {
    if (/^127\.|there/.test(host)) return ['127.0.0.1'];
    throw Object.assign(new Error('unknown'), { code: 'ENOTFOUND' });
  },
}));
vi.mock('node:dns/promises', () => ({
  default: {
    resolveSrv: async () =>
      [1, 2].map((port) => ({ name: `db${port}.there.example.test`, port, priority: 0, weight: 0 })),
    resolveTxt: async () => [],
  },
}));

const verdictOf = async (uri: string) => (await connectTest(targetFromUri(uri, {}))).verdict;

/** No one listens on these ports of 127.0.0.1; each list says the same of its hosts, whatever their order. */
it.each([
  ['127.0.0.1:1,nowhere.example.test:2', ['127.0.0.1:1', 'nowhere.example.test']],
  ['nowhere.example.test:1,127.0.0.1:2', ['nowhere.example.test', '127.0.0.1:2']],
  ['no-a.example.test:1,no-b.example.test:2', ['no-a.example.test', 'no-b.example.test']],
])('PostgreSQL: the verdict speaks of each of %s', async (hosts, named) => {
  const verdict = await verdictOf(`postgresql://app_user@${hosts}/appdb`);
  expect(verdict).toMatch(/^None of the 2 hosts can be used\./);
  for (const name of named) expect(verdict).toContain(name);
});

it('PostgreSQL: an address that is none belongs to its own host', async () => {
  const verdict = await verdictOf('postgresql:///appdb?user=app_user&hostaddr=127.0.0.1,elsewhere&port=1,2');
  expect(verdict).toMatch(/^None of the 2 hosts can be used\..*127\.0\.0\.1:1.*elsewhere/);
});

it('MongoDB: an SRV record names the hosts that count', async () => {
  const verdict = await verdictOf('mongodb+srv://cluster.there.example.test/?tls=false');
  expect(verdict).toMatch(
    /^None of the 2 hosts can be used\. .*db1\.there\.example\.test:1.*db2\.there\.example\.test:2/,
  );
});

it('MongoDB: srvMaxHosts leaves one of them', async () => {
  const verdict = await verdictOf('mongodb+srv://cluster.there.example.test/?tls=false&srvMaxHosts=1');
  expect(verdict).toMatch(/^Connection refused: nothing is listening on/);
});
