import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readKeyLog } from '../../../src/files/read-key-log';

const folder = mkdtempSync(join(tmpdir(), 'handshake-key-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
writeFileSync(at('empty.log'), '# nothing yet\n');
writeFileSync(at('large.log'), '');
truncateSync(at('large.log'), (64 << 20) + 1);
writeFileSync(at('closed.log'), '');
chmodSync(at('closed.log'), 0);

describe('readKeyLog', () => {
  it.each([
    ['not-yet.log', 'KEYLOG_MISSING', /does not exist; .*let the client write it first/],
    ['.', 'KEYLOG_UNREADABLE', /is a folder; name the file/],
    ['empty.log', 'KEYLOG_EMPTY', /holds no TLS secret; a key log has lines/],
    ['large.log', 'KEYLOG_TOO_LARGE', /is too large/],
    // Whoever may read everything meets an empty file.
    ['closed.log', process.getuid?.() === 0 ? 'KEYLOG_EMPTY' : 'KEYLOG_UNREADABLE', /\.$/],
  ])('says of %s that it is the key log, and where it is', async (name, code, words) => {
    const path = join(folder, name);
    for (const named of [path, relative(process.cwd(), path)]) {
      await expect(readKeyLog(named)).rejects.toMatchObject({
        name: 'CaptureFileError',
        code,
        message: expect.stringMatching(words),
      });
      await expect(readKeyLog(named)).rejects.toThrow(`The TLS key log ${path} `);
    }
  });
});

describe.skipIf(process.platform === 'win32')('readKeyLog of what has no size', () => {
  it('reads a device no further than a key log can go', async () => {
    await expect(readKeyLog('/dev/zero')).rejects.toMatchObject({ code: 'KEYLOG_TOO_LARGE' });
  });

  it('reads a pipe to its end', async () => {
    execFileSync('mkfifo', [at('keys.pipe')]);
    const reading = readKeyLog(at('keys.pipe'));
    await writeFile(at('keys.pipe'), `CLIENT_RANDOM ${'01'.repeat(32)} ${'ab'.repeat(48)}\n`);
    expect((await reading).size).toBe(1);
  });
});
