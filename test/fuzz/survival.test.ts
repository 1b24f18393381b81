/**
 * Every writer of the program, killed at random moments of its work and met by a full disk: under the file's name there is the old file or
 * the new one, whole, every time. The moments are counted in operations on the disk and in bytes, not in time: test/support/writers.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CaptureReader } from '../../src/capture/reader';
import { recordingsToPcapng } from '../../src/inspect/export';
import { decodeSnapshot } from '../../src/lab/user-file';
import { tries } from '../support/fuzz';
import { refusedLogin } from '../support/recordings';
import { bundleWriters } from '../support/writers/bundle';
import { classic } from '../support/writers/classic';

/** `npm run fuzz` with its usual number kills a hundred times, and fills the disk twenty. */
const KILLS = Math.min(100, tries(6, 1 / 360));
const FULL = Math.min(20, tries(2, 1 / 1800));

/** Of the small disk, bytes. */
const DISK = 512 * 1024;
const PAGE = 4096;

const folder = mkdtempSync(path.join(tmpdir(), 'handshake-survival-'));
const [program, capture, tools, temporary] = ['writers.cjs', 'capture.pcap', 'tools', 'tmp'].map((name) =>
  path.join(folder, name),
);
const killAt = path.resolve(__dirname, '../support/writers/kill-at.cjs');

beforeAll(async () => {
  mkdirSync(tools);
  mkdirSync(temporary);
  writeFileSync(capture, classic(recordingsToPcapng(Array.from({ length: 40 }, () => refusedLogin()))));
  // What records: it lists an interface, and its recording is the capture.
  const standIn = `#!/bin/sh\nif [ "$1" = -D ]; then echo '1. lo (Loopback)'; else cat '${capture}'; fi\n`;
  for (const name of ['dumpcap', 'tcpdump']) {
    writeFileSync(path.join(tools, name), standIn);
    chmodSync(path.join(tools, name), 0o755);
  }
  await bundleWriters(program);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Writer {
  readonly name: string;
  readonly file: string;
  /** Whether bytes are a whole file of its kind. */
  readonly isWhole: (bytes: Buffer, made: Buffer) => boolean;
  /** Files that it makes; the target itself if absent. */
  readonly files?: readonly string[];
}

const same = (bytes: Buffer, made: Buffer) => bytes.equals(made);
/** What is random or a time differs from run to run, and no length does. */
const asLong = (bytes: Buffer, made: Buffer) =>
  bytes.length === made.length && packetsOf(bytes) === packetsOf(made);
const WRITERS: readonly Writer[] = [
  { name: 'decode --save', file: 'saved.pcapng', isWhole: same },
  { name: 'decode --save --redact', file: 'redacted.pcapng', isWhole: asLong },
  { name: 'connect --save', file: 'tested.pcapng', isWhole: (bytes) => packetsOf(bytes) === 2 },
  {
    name: 'connect --matrix --save',
    file: 'modes.pcapng',
    isWhole: (bytes, made) => packetsOf(bytes) === packetsOf(made),
  },
  { name: 'record --save', file: 'recorded.pcapng', isWhole: same },
  { name: 'record --save', file: 'recorded.pcap', isWhole: same },
  { name: 'editor, handshakes', file: 'saved.pcapng', isWhole: same },
  { name: 'editor, redacted', file: 'redacted.pcapng', isWhole: asLong },
  { name: 'editor, everything', file: 'all.pcap', isWhole: same },
  { name: 'editor, a run', file: 'run.pcapng', isWhole: same },
  {
    name: 'users of the lab',
    file: 'users',
    isWhole: (bytes) => decodeSnapshot(String(bytes), 'users').users.length > 0,
  },
  {
    name: 'certificates of the lab',
    file: 'certificates',
    files: ['root.crt', 'app_user.crt', 'app_user.key'],
    isWhole: (bytes) => /^-----BEGIN [A-Z ]+-----\n[\s\S]+\n-----END [A-Z ]+-----\n?$/.test(String(bytes)),
  },
];

describe.each(WRITERS)('$name to $file', (writer) => {
  const home = path.join(folder, `${writer.name}-${writer.file}`.replace(/\W+/g, '-'));
  const target = path.join(home, writer.file);
  const files = (writer.files ?? ['']).map((name) => path.join(target, name));
  const random = seeded(writer.name + writer.file);
  /** What it does to the disk, in order. */
  let operations: string[] = [];
  let made: Buffer[] = [];
  let old: Buffer[] = [];

  beforeAll(() => {
    mkdirSync(home);
    const log = path.join(folder, 'operations');
    rmSync(log, { force: true });
    run(writer, target, { log });
    operations = readFileSync(log, 'utf8').trim().split('\n');
    made = files.map((file) => readFileSync(file));
    // A second user's file is longer than the first's: for that writer the old file is the one with a user.
    old = writer.name.startsWith('users') ? made : made.map(() => Buffer.from('what was there before\n'));
  }, 60_000);

  function prepare(): void {
    rmSync(home, { recursive: true, force: true });
    mkdirSync(files.length > 1 ? target : home, { recursive: true });
    for (const [i, file] of files.entries()) writeFileSync(file, old[i], { mode: 0o644 });
  }

  /** Old or new; gives which. */
  function look(): ('old' | 'new')[] {
    return files.map((file, i) => {
      const bytes = readFileSync(file);
      if (bytes.equals(old[i])) return 'old';
      expect(writer.isWhole(bytes, made[i]), `${file} is ${bytes.length} bytes of neither file`).toBe(true);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      return 'new';
    });
  }

  const leftOver = () => readdirSync(path.dirname(files[0])).filter((name) => name.endsWith('.tmp'));

  it(`survives ${KILLS} kills`, { timeout: 3_600_000 }, () => {
    const seen = new Set<string>();
    for (let i = 0; i < KILLS; i++) {
      prepare();
      // The first two are the moments that matter most: within the write and at the rename.
      const at =
        i === 0
          ? operations.findIndex((name) => /^write/.test(name))
          : Math.floor(random() * operations.length);
      const { signal } = run(writer, target, { at, share: random(), how: 'kill' });
      expect(signal).toBe('SIGKILL');
      for (const state of look()) seen.add(state);
      expect(leftOver().length).toBeLessThanOrEqual(1);
    }
    expect(seen).toContain('old');
  });

  it(`survives a full disk ${FULL} times, and leaves nothing beside the file`, { timeout: 3_600_000 }, () => {
    const room = [...operations.keys()].filter((at) => /^(open|write)/.test(operations[at]));
    for (let i = 0; i < FULL; i++) {
      prepare();
      const at = room[Math.floor(random() * room.length)];
      const { status, stderr } = run(writer, target, { at, share: random(), how: 'full' });
      expect(status, stderr).not.toBe(0);
      look();
      expect(leftOver()).toEqual([]);
    }
  });
});

describe.skipIf(!mayMount())('a disk that is really full (skipped where a test may mount none)', () => {
  const disk = path.join(folder, 'disk');
  beforeAll(() => {
    mkdirSync(disk);
    mount(disk);
  });
  afterAll(() => {
    spawnSync('umount', [disk]);
  });

  it.each(WRITERS)(`$name to $file, ${FULL} times`, { timeout: 3_600_000 }, (writer) => {
    const target = path.join(disk, writer.file);
    const files = (writer.files ?? ['']).map((name) => path.join(target, name));
    const random = seeded(writer.file + writer.name);
    const clear = () => {
      for (const name of readdirSync(disk)) rmSync(path.join(disk, name), { recursive: true });
      if (files.length > 1) mkdirSync(target);
    };
    clear();
    run(writer, target, {});
    const made = files.map((file) => readFileSync(file));
    const old = writer.name.startsWith('users') ? made : made.map(() => Buffer.from('old\n'));
    for (let i = 0; i < FULL; i++) {
      clear();
      for (const [at, file] of files.entries()) writeFileSync(file, old[at]);
      // Room for less than all of it, in pages.
      const needed = Math.ceil(made.reduce((sum, { length }) => sum + Math.ceil(length / PAGE), 0));
      const room = Math.floor(random() * needed);
      const { bavail } = statfsSync(disk);
      writeFileSync(path.join(disk, 'ballast'), Buffer.alloc((bavail - room) * PAGE));
      const { status, stderr } = run(writer, target, {});
      expect(status, stderr).not.toBe(0);
      for (const [at, file] of files.entries()) {
        const bytes = readFileSync(file);
        expect(bytes.equals(old[at]) || writer.isWhole(bytes, made[at]), `${file} is neither`).toBe(true);
      }
      expect(readdirSync(path.dirname(files[0])).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    }
  });
});

function run({ name }: Writer, target: string, plan: object) {
  const result = spawnSync(process.execPath, ['--require', killAt, program, name, target, capture], {
    encoding: 'utf8',
    timeout: 60_000,
    env: {
      ...process.env,
      PATH: `${tools}${path.delimiter}${process.env.PATH}`,
      TMPDIR: temporary,
      HANDSHAKE_WRITES: JSON.stringify(plan),
    },
  });
  return result;
}

/** @returns whether it could. */
function mount(at: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', at]).status === 0;
}

function mayMount(): boolean {
  const at = mkdtempSync(path.join(folder, 'mount-'));
  return mount(at) && spawnSync('umount', [at]).status === 0;
}

function packetsOf(bytes: Uint8Array): number {
  let issues = 0;
  const reader = new CaptureReader({
    handlePacket: () => {},
    handleSecrets: () => {},
    handleIssue: () => issues++,
  });
  reader.push(bytes);
  reader.finish();
  return issues > 0 ? -issues : reader.packets;
}

/** Numbers from 0 to 1, the same for the same name (mulberry32). */
function seeded(name: string): () => number {
  let state = 0;
  for (const letter of name) state = (Math.imul(state, 31) + letter.charCodeAt(0)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
