/** `decode --check-password` reads a capture as `decode` does with the same options. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkPasswords } from '../../../src/cli/check-password';
import { recordingsToPcapng } from '../../../src/inspect/export';
import type { Recording } from '../../../src/inspect/recording';
import { LAB_PASSWORD } from '../../../src/lab/accounts';
import { refusedLogin } from '../../support/recordings';

const folder = mkdtempSync(path.join(tmpdir(), 'handshake-check-password-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let printed: string;
beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockImplementation((text, done) => {
    printed += String(text);
    if (typeof done === 'function') (done as () => void)();
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** The ids of the logins that were checked, and the exit status. */
async function check(file: string, password: string, options: Parameters<typeof checkPasswords>[1]) {
  vi.stubEnv('PGPASSWORD', password);
  printed = '';
  const status = await checkPasswords([file], options);
  return { status, ids: [...printed.matchAll(/^(t\d+) {2}/gm)].map(([, id]) => id) };
}

/** A connection to a port that only the user knows, a second before everything else; nobody answers. */
function unanswered(): Recording {
  const [connect] = refusedLogin().events;
  const first = { ...connect, time: connect.time - 1e6 };
  const close = { kind: 'close', time: connect.time - 1e6 + 1, from: 'server', how: 'rst' } as const;
  return { ...refusedLogin(), server: { address: '127.0.0.1', port: 10_255 }, events: [first, close] };
}

describe('decode --check-password', () => {
  const file = path.join(folder, 'two.pcapng');
  const plain = recordingsToPcapng([unanswered(), refusedLogin('correct horse')]);
  writeFileSync(file, plain);

  it.each([
    ['', {}, 't1'],
    [' with --decode-as', { decodeAs: new Map([[10_255, 'mongodb']] as const) }, 't2'],
  ])('names a login by the id that decode%s gives it', async (_, options, id) => {
    expect(await check(file, 'correct horse', options)).toEqual({ status: 0, ids: [id] });
    expect(await check(file, 'battery staple', options)).toEqual({ status: 1, ids: [id] });
  });

  it('names a MongoDB login so, too', async () => {
    const mongo = path.join(__dirname, '../../fixtures/mongo-scram-sha-256.pcapng');
    const both = path.join(folder, 'mongo.pcapng');
    writeFileSync(both, Buffer.concat([recordingsToPcapng([unanswered()]), readFileSync(mongo)]));
    expect(await check(both, LAB_PASSWORD, {})).toMatchObject({ status: 0, ids: ['t2'] });
    const decodeAs = new Map([[10_255, 'mongodb']] as const);
    expect(await check(both, LAB_PASSWORD, { decodeAs })).toMatchObject({ status: 0, ids: ['t3'] });
  });

  it.each([
    ['reads all of a compressed capture', plain.length / 1e6, { status: 0, ids: ['t1'] }],
    ['reads no more of it than --unpacked-limit', plain.length / 3 / 1e6, { status: 2, ids: [] }],
  ])('%s', async (_, unpackedLimit, outcome) => {
    const packed = path.join(folder, 'two.pcapng.gz');
    writeFileSync(packed, gzipSync(plain));
    expect(await check(packed, 'correct horse', { unpackedLimit })).toEqual(outcome);
  });
});
