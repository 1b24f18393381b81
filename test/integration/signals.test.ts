/** What asks the command line to end: whichever way, it says what it has seen, and leaves no program and no half file behind. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readCapture } from '../../src/files/read-capture';
import { recordingsToPcapng } from '../../src/inspect/export';
import { refusedLogin } from '../support/recordings';
import { bundleCommandLine, bundleWriters } from '../support/writers/bundle';
import { classic } from '../support/writers/classic';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const folder = mkdtempSync(path.join(tmpdir(), 'handshake-signals-'));
const at = (...names: string[]) => path.join(folder, ...names);
const children: ChildProcess[] = [];

beforeAll(async () => {
  await Promise.all([bundleCommandLine(at('cli.cjs')), bundleWriters(at('writers.cjs'))]);
  writeFileSync(at('login.pcap'), classic(recordingsToPcapng([refusedLogin()])));
  mkdirSync(at('tools'));
  const standIn = `#!/bin/sh
if [ "$1" = -D ]; then echo '1. lo (Loopback)'; exit 0; fi
echo $$ > '${at('recorder')}'
cat '${at('login.pcap')}'
exec sleep 600
`;
  for (const name of ['dumpcap', 'tcpdump']) {
    writeFileSync(at('tools', name), standIn);
    chmodSync(at('tools', name), 0o755);
  }
}, 60_000);
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(...args: string[]) {
  const env = { ...process.env, TMPDIR: folder, PATH: `${at('tools')}${path.delimiter}${process.env.PATH}` };
  const child = spawn(process.execPath, [at('cli.cjs'), ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let [out, error] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    error += text;
  });
  const over = once(child, 'close').then(([status, signal]) => ({ status, signal, out, error }));
  const says = (words: string) => expect.poll(() => out + error, { timeout: 30_000 }).toContain(words);
  return { child, over, says };
}

describe.each(SIGNALS)('%s', (signal) => {
  it('ends a Connect Test with what was seen, which is saved too', async () => {
    const sockets: Socket[] = [];
    const server: Server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const target = at(`${signal}.pcapng`);
    const run = start('connect', `postgresql://app_user:x@127.0.0.1:${port}/appdb`, '--save', target);
    const [socket] = await once(server, 'connection');
    await once(socket, 'data');
    run.child.kill(signal);
    const { status, out } = await run.over;
    expect(status).toBe(1);
    expect(out).toContain('SSLRequest');
    expect(out).toMatch(/cancel/i);
    expect((await readCapture(target)).document.traces).toHaveLength(1);
    for (const one of sockets) one.destroy();
    server.close();
  });

  it('ends a recording, its program with it, and saves what was recorded', async () => {
    const target = at(`${signal}-recorded.pcapng`);
    const run = start('record', '--interface', 'lo', '--save', target);
    await run.says('recording lo');
    await expect.poll(() => existsSync(at('recorder')) && readFileSync(at('recorder'), 'utf8')).toMatch(/\d/);
    const recorder = Number(readFileSync(at('recorder'), 'utf8'));
    await run.says('ErrorResponse');
    run.child.kill(signal);
    const { status, error } = await run.over;
    expect(status, error).toBe(0);
    expect(error).toContain('packets saved');
    expect((await readCapture(target)).document.traces).toHaveLength(1);
    expect(() => process.kill(recorder, 0)).toThrow('ESRCH');
    // The temporary recording is gone as well.
    expect(readdirSync(folder).filter((name) => name.startsWith('handshake-inspector-'))).toEqual([]);
    rmSync(at('recorder'));
  });

  it('ends the lab', async () => {
    const run = start('lab', 'postgres');
    await run.says('Listening on');
    run.child.kill(signal);
    expect(await run.over).toMatchObject({ status: 0, signal: null });
    expect(readdirSync(folder).filter((name) => name.startsWith('handshake-inspector-'))).toEqual([]);
  });

  it('takes what is half written with it', () => {
    const home = at(`half-${signal}`);
    mkdirSync(home);
    const [log, target] = [at('log'), path.join(home, 'saved.pcapng')];
    rmSync(log, { force: true });
    const run = (plan: object) =>
      spawnSync(
        process.execPath,
        [
          '--require',
          path.resolve(__dirname, '../support/writers/kill-at.cjs'),
          at('writers.cjs'),
          'decode --save',
          target,
          at('login.pcap'),
        ],
        { encoding: 'utf8', env: { ...process.env, HANDSHAKE_WRITES: JSON.stringify(plan) } },
      );
    run({ log });
    rmSync(target);
    const write = readFileSync(log, 'utf8').split('\n').indexOf('write');
    expect(write).toBeGreaterThanOrEqual(0);
    expect(run({ at: write, share: 0.5, how: signal }).signal).toBe(signal);
    expect(readdirSync(home)).toEqual([]);
  });
});
