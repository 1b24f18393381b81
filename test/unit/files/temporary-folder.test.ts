import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { keepFolder, lives, makeTemporaryFolder, thisProcess } from '../../../src/files/temporary-folder';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'handshake-temporary-'));
  vi.stubEnv('TMPDIR', home);
  vi.stubEnv('TEMP', home);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

function leave(name: string): string {
  const folder = path.join(home, name);
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'recording.pcap'), 'packets');
  return folder;
}

/** The name of a process with this number, as of now. */
const named = (pid: number | undefined) => [pid, ...thisProcess().split('.').slice(1)].join('.');

it('makes a folder for this user alone, which stays while this process lives', async () => {
  const folder = await makeTemporaryFolder('recording');
  expect(path.dirname(folder)).toBe(home);
  expect(statSync(folder).mode & 0o077).toBe(0);
  await makeTemporaryFolder('lab');
  expect(existsSync(folder)).toBe(true);
});

it('removes the folders of dead processes, of nobody else', async () => {
  const gone = leave(`handshake-inspector-recording-${named(spawnSync('true').pid)}-aB3dE6`);
  const others = [
    leave(`handshake-inspector-recording-${process.ppid}-aB3dE6`),
    leave('handshake-inspector-aB3dE6'),
    leave(`handshake-inspector-recording-${named(spawnSync('true').pid)}-aB3dE6-kept`),
    leave('somebody-else'),
  ];
  const own = await makeTemporaryFolder('recording');
  expect(existsSync(gone)).toBe(false);
  expect(readdirSync(home).sort()).toEqual([...others, own].map((folder) => path.basename(folder)).sort());
});

it('lets a folder be kept', async () => {
  const folder = leave(`handshake-inspector-recording-${named(spawnSync('true').pid)}-aB3dE6`);
  const kept = keepFolder(folder);
  await makeTemporaryFolder('recording');
  expect(existsSync(path.join(kept, 'recording.pcap'))).toBe(true);
});

it.skipIf(process.platform !== 'linux')('tells a process from another one that got its number', async () => {
  const child = spawn('sleep', ['60']);
  try {
    const [pid, started, space] = thisProcess().split('.');
    expect(lives(thisProcess())).toBe(true);
    expect(lives(`${pid}.${Number(started) - 1}.${space}`)).toBe(false);
    expect(lives(`${child.pid}.${started}.${space}`)).toBe(false);
    // Of another container nothing is known.
    expect(lives(`${pid}.1.${Number(space) + 1}`)).toBe(true);
  } finally {
    child.kill();
  }
});
