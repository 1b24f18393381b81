import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { RecordingFiles } from '../../../src/extension/recording-files';
import { thisProcess } from '../../../src/files/temporary-folder';

interface FakeUri {
  readonly scheme: string;
  readonly path: string;
  toString(): string;
}
const uri = (file: string): FakeUri => ({ scheme: 'file', path: file, toString: () => `file://${file}` });
const tabs = vi.hoisted(() => [] as unknown[]);

vi.mock('vscode', async () => {
  const disk = await import('node:fs/promises');
  return {
    Uri: { joinPath: (base: FakeUri, ...names: string[]) => uri([base.path, ...names].join('/')) },
    window: { tabGroups: { all: [{ tabs }] } },
    workspace: {
      fs: {
        readDirectory: async ({ path: at }: FakeUri) => (await disk.readdir(at)).map((name) => [name, 1]),
        createDirectory: ({ path: at }: FakeUri) => disk.mkdir(at, { recursive: true }),
        delete: ({ path: at }: FakeUri) => disk.rm(at, { recursive: true }),
        stat: async ({ path: at }: FakeUri) => ({ mtime: (await disk.stat(at)).mtimeMs }),
      },
    },
  };
});

const base = mkdtempSync(path.join(tmpdir(), 'handshake-recordings-'));
let storage: string;
beforeEach(() => {
  storage = mkdtempSync(path.join(base, 'storage-'));
  tabs.length = 0;
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** A process that was here: its number and, on Linux, what tells it from others of that number. */
function dead(): string {
  const { pid } = spawnSync('true');
  return [pid, ...thisProcess().split('.').slice(1)].join('.');
}

function leave(owner: string, name: string): string {
  const folder = path.join(storage, 'recordings', owner);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, name), 'packets');
  return path.join(folder, name);
}

const remaining = () =>
  readdirSync(path.join(storage, 'recordings'), { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(path.join(storage, 'recordings', name)).isFile())
    .map((name) => path.basename(name))
    .sort();

it('removes what a killed window left, but nothing that an editor shows or a running one records', async () => {
  const files = new RecordingFiles(uri(storage) as never, uri('/nowhere') as never);
  leave(dead(), 'left.pcap');
  tabs.push({ input: { uri: uri(leave(dead(), 'shown.pcap')) } }, { input: undefined });
  const own = await files.next('lo');
  writeFileSync(own.path, 'packets');
  leave(`${process.ppid}`, 'other.pcap');
  await files.removeLeftOver();
  expect(remaining()).toEqual([path.basename(own.path), 'other.pcap', 'shown.pcap'].sort());
  expect(readdirSync(path.join(storage, 'recordings'))).toHaveLength(3);
});

it('waits a week where other windows have theirs too', async () => {
  const files = new RecordingFiles(undefined, uri(storage) as never);
  const owner = dead();
  const eightDaysAgo = Date.now() / 1000 - 8 * 86_400;
  utimesSync(leave(owner, 'forgotten.pcap'), eightDaysAgo, eightDaysAgo);
  leave(owner, 'young.pcap');
  await files.removeLeftOver();
  expect(remaining()).toEqual(['young.pcap']);
});

it('leaves what is no folder of a process, and does without a folder at all', async () => {
  const files = new RecordingFiles(uri(storage) as never, uri('/nowhere') as never);
  await files.removeLeftOver();
  leave('something else', 'kept.pcap');
  await files.removeLeftOver();
  expect(remaining()).toEqual(['kept.pcap']);
});
