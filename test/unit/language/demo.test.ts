import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseHosts } from '../../../src/extension/host-settings';
import { CaptureSession } from '../../../src/language/session';

const demo = resolve(__dirname, '../../../demo');
const silent = { onProgress: () => {}, onFinished: () => {}, onFailed: () => {} };

async function rowsOf(name: string) {
  const session = new CaptureSession(join(demo, 'captures', name), { keyLogFile: null }, silent);
  await session.done;
  expect(session.problem).toBeNull();
  return { rows: session.page(0, 10).rows, session };
}

describe('the demo workspace', () => {
  const readme = readFileSync(join(demo, 'README.md'), 'utf8');

  it('describes every capture that is there, and no other', () => {
    const named = [...readme.matchAll(/^- `([\w-]+\.pcapng)`/gm)].map((match) => match[1]);
    expect(named.toSorted()).toEqual(readdirSync(join(demo, 'captures')).toSorted());
  });

  it('shows what it says: SSLRequest, N, SCRAM', async () => {
    const { rows, session } = await rowsOf('postgres-ssl-refused.pcapng');
    expect(rows).toMatchObject([{ outcome: 'ready', mechanism: 'scram-sha-256' }]);
    expect(session.traces[0].ssl).toMatchObject({ requested: true, answer: 'N' });
  });

  it('shows what it says: TLS 1.3, opened with the secrets in the file', async () => {
    const { rows, session } = await rowsOf('postgres-tls-scram.pcapng');
    expect(rows).toMatchObject([{ outcome: 'ready' }]);
    expect(session.traces[0].tls).toMatchObject({ version: 'TLSv1.3', decrypted: true });
  });

  it('shows what it says: two failed logins, linked', async () => {
    const { rows } = await rowsOf('postgres-wrong-password.pcapng');
    expect(rows).toMatchObject([
      { outcome: 'failed', retryOf: null },
      { outcome: 'failed', retryOf: 't1' },
    ]);
  });

  it('shows what it says: authenticate with MONGODB-CR', async () => {
    const { rows, session } = await rowsOf('mongodb-authenticate.pcapng');
    expect(rows.at(-1)).toMatchObject({ outcome: 'ready', mechanism: 'MONGODB-CR' });
    const messages = session.traces.at(-1)?.steps.map((step) => step.message);
    expect(messages).toEqual(expect.arrayContaining(['getnonce', 'authenticate']));
  });

  it('has hosts that are right', () => {
    const text = readFileSync(join(demo, '.vscode/settings.json'), 'utf8').replace(/^\s*\/\/.*$/gm, '');
    const { hosts, problems } = parseHosts(JSON.parse(text)['handshakeInspector.hosts']);
    expect(problems).toEqual([]);
    expect(hosts.map((host) => host.protocol).toSorted()).toEqual(['mongodb', 'postgres']);
  });
});
