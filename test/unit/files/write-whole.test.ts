import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { copyWhole, writeWhole, writeWholeNow } from '../../../src/files/write-whole';

const base = mkdtempSync(path.join(tmpdir(), 'handshake-write-'));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(base, 'one-'));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const at = (...names: string[]) => path.join(folder, ...names);
const mode = (file: string) => statSync(file).mode & 0o777;
/** Both ways of writing. */
const WAYS = [
  ['writeWhole', (file: string, text: string) => writeWhole(file, text)],
  ['writeWholeNow', async (file: string, text: string) => writeWholeNow(file, text)],
] as const;

describe.each(WAYS)('%s', (_, write) => {
  it('writes a new file for its user alone, and nothing beside it', async () => {
    await write(at('new'), 'content');
    expect(readFileSync(at('new'), 'utf8')).toBe('content');
    expect(mode(at('new'))).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['new']);
  });

  it('replaces a file that others could read by one that they cannot', async () => {
    writeFileSync(at('old'), 'a longer one that was there');
    chmodSync(at('old'), 0o666);
    await write(at('old'), 'new');
    expect(readFileSync(at('old'), 'utf8')).toBe('new');
    expect(mode(at('old'))).toBe(0o600);
  });

  it.each(['existing', 'missing'])(
    'follows a chain of links to a file that is %s, and keeps the links',
    async (which) => {
      mkdirSync(at('elsewhere'));
      if (which === 'existing') writeFileSync(at('elsewhere', 'real'), 'old');
      symlinkSync(path.join('elsewhere', 'middle'), at('link'));
      symlinkSync('real', at('elsewhere', 'middle'));
      await write(at('link'), 'new');
      expect(readlinkSync(at('link'))).toBe(path.join('elsewhere', 'middle'));
      expect(readdirSync(at('elsewhere')).sort()).toEqual(['middle', 'real']);
      expect(readFileSync(at('elsewhere', 'real'), 'utf8')).toBe('new');
    },
  );

  it('leaves the other names of a file what they were', async () => {
    writeFileSync(at('one'), 'old');
    linkSync(at('one'), at('other'));
    await write(at('one'), 'new');
    expect(readFileSync(at('other'), 'utf8')).toBe('old');
  });

  it('takes a name of any length that the file system takes', async () => {
    const name = 'n'.repeat(255);
    await write(at(name), 'content');
    expect(readdirSync(folder)).toEqual([name]);
  });

  it('removes what a writer that was killed left, once it is old, and nothing else', async () => {
    const ours = (letter: string) => `.handshake-inspector-${letter.repeat(32)}.tmp`;
    const names = [ours('a'), ours('b'), `x${ours('a')}`, '.handshake-inspector-a.tmp', 'other.tmp'];
    for (const name of names) writeFileSync(at(name), '');
    mkdirSync(at(ours('d')));
    const hourAgo = Date.now() / 1000 - 3_600;
    for (const name of [...names, ours('d')].filter((one) => one !== ours('b')))
      utimesSync(at(name), hourAgo, hourAgo);
    await write(at('file'), '');
    expect(readdirSync(folder).sort()).toEqual(['file', ...names.slice(1), ours('d')].sort());
  });

  it.each([
    ['a folder', 'EISDIR', () => folder],
    ['a name with a separator at its end', 'EISDIR', () => `${folder}/`],
    ['a file as a folder', 'ENOTDIR', () => at('file', 'x')],
    ['a file with a separator at its end', 'ENOTDIR', () => `${at('file')}/`],
    ['a missing folder', 'ENOENT', () => at('no', 'x')],
    ['a circle of links', 'ELOOP', () => at('circle')],
    ['too long a name', 'ENAMETOOLONG', () => at('n'.repeat(256))],
  ])('refuses %s', async (_what, code, file) => {
    writeFileSync(at('file'), 'kept');
    symlinkSync('circle', at('circle'));
    const before = readdirSync(folder);
    await expect(write(file(), 'new')).rejects.toMatchObject({ code });
    expect(readdirSync(folder)).toEqual(before);
    expect(readFileSync(at('file'), 'utf8')).toBe('kept');
  });

  const why = process.getuid?.() === 0 ? ' (skipped: root may write to it all the same)' : '';
  it.skipIf(why !== '')(`keeps a file that was made read-only${why}`, async () => {
    writeFileSync(at('file'), 'kept', { mode: 0o400 });
    await expect(write(at('file'), 'new')).rejects.toMatchObject({ code: 'EACCES' });
  });

  it.skipIf(process.platform === 'win32')('writes into a pipe, which stays one', async () => {
    spawnSync('mkfifo', [at('pipe')]);
    const reader = spawn('cat', [at('pipe')], { stdio: ['ignore', 'pipe', 'ignore'] });
    let read = '';
    reader.stdout.setEncoding('utf8').on('data', (text: string) => {
      read += text;
    });
    const over = once(reader, 'close');
    // The synchronous one waits in this thread for a reader: that one is a process of its own.
    await write(at('pipe'), 'through the pipe');
    await over;
    expect(read).toBe('through the pipe');
    expect(statSync(at('pipe')).isFIFO()).toBe(true);
    expect(readdirSync(folder)).toEqual(['pipe']);
  });
});

describe('writeWhole', () => {
  it('takes pieces whose memory is used again', async () => {
    await writeWhole(
      at('pieces'),
      (function* () {
        const piece = new Uint8Array(3);
        for (const letter of 'abc') yield piece.fill(letter.charCodeAt(0));
      })(),
    );
    expect(readFileSync(at('pieces'), 'utf8')).toBe('aaabbbccc');
  });

  it('shows the whole content to a check before it has its name', async () => {
    writeFileSync(at('file'), 'old');
    const seen: string[] = [];
    await writeWhole(at('file'), 'new', {
      check: async (written) => {
        seen.push(readFileSync(written, 'utf8'), readFileSync(at('file'), 'utf8'));
        expect(path.dirname(written)).toBe(folder);
      },
    });
    expect(seen).toEqual(['new', 'old']);
    expect(readFileSync(at('file'), 'utf8')).toBe('new');
  });

  it.each([
    ['a check', { check: () => Promise.reject(new Error('a name is left')) }, 'new'],
    ['the content', {}, failing()],
  ])('leaves the old file and nothing beside it when %s fails', async (_, options, content) => {
    writeFileSync(at('file'), 'old');
    await expect(writeWhole(at('file'), content, options)).rejects.toThrow('a name is left');
    expect(readFileSync(at('file'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('checks also what goes into a pipe, before a byte of it does', async () => {
    spawnSync('mkfifo', [at('pipe')]);
    const refused = writeWhole(at('pipe'), 'secret', {
      check: () => Promise.reject(new Error('a name is left')),
    });
    // Opening a pipe that nobody reads would never end.
    await expect(refused).rejects.toThrow('a name is left');
  });

  it('says in words what went wrong', async () => {
    await expect(writeWhole(at('no', 'x.pcapng'), '')).rejects.toThrow(
      'x.pcapng cannot be written: its folder does not exist; choose another one.',
    );
  });

  it.skipIf(process.platform !== 'linux')(
    'writes to an open file without a name of its own, behind what is there',
    async () => {
      writeFileSync(at('out'), 'printed\n');
      const descriptor = openSync(at('out'), 'a');
      try {
        // As /dev/stdout is where output goes to a file.
        symlinkSync(`/proc/self/fd/${descriptor}`, at('stdout'));
        const { ino } = statSync(at('out'));
        await writeWhole(at('stdout'), 'saved\n');
        expect(readFileSync(at('out'), 'utf8')).toBe('printed\nsaved\n');
        expect(statSync(at('out')).ino).toBe(ino);
      } finally {
        closeSync(descriptor);
      }
    },
  );
});

describe('copyWhole', () => {
  it('copies', async () => {
    const bytes = Buffer.alloc(1_000_003, 'abc');
    writeFileSync(at('source'), bytes);
    await copyWhole(at('source'), at('copy'));
    expect(readFileSync(at('copy')).equals(bytes)).toBe(true);
  });

  it('says which of the two cannot be read, and leaves the other', async () => {
    writeFileSync(at('copy'), 'old');
    await expect(copyWhole(at('source'), at('copy'))).rejects.toThrow('source does not exist');
    expect(readFileSync(at('copy'), 'utf8')).toBe('old');
  });
});

async function* failing(): AsyncIterable<Uint8Array> {
  yield Buffer.from('some');
  throw new Error('a name is left');
}
