import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { pathFromBytes } from '../../../src/files/path-bytes';
import { KeyLogTail } from '../../../src/recorder/key-log-tail';
import { KeyLog } from '../../../src/tls/keylog';

const folder = mkdtempSync(path.join(tmpdir(), 'handshake-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const line = (n: number) => `CLIENT_RANDOM ${n.toString(16).padStart(64, '0')} ${'ab'.repeat(48)}\n`;

it('follows a key log that is not there yet, grows by halves of lines, and begins anew', () => {
  const file = path.join(folder, 'keys.log');
  const keyLog = new KeyLog();
  const tail = new KeyLogTail(file, keyLog);
  tail.look();
  expect(keyLog.size).toBe(0);
  writeFileSync(file, line(1) + line(2).slice(0, 50));
  tail.look();
  expect(keyLog.size).toBe(1);
  tail.look();
  appendFileSync(file, line(2).slice(50));
  tail.look();
  expect(keyLog.size).toBe(2);
  writeFileSync(file, line(3));
  tail.look();
  expect(keyLog.size).toBe(3);
});

it.skipIf(process.platform === 'win32')(
  'follows a pipe, and waits neither for a writer nor for a line',
  () => {
    const pipe = path.join(folder, 'keys.pipe');
    execFileSync('mkfifo', [pipe]);
    const keyLog = new KeyLog();
    const tail = new KeyLogTail(pipe, keyLog);
    tail.look();
    expect(keyLog.size).toBe(0);
    const writer = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    tail.look();
    writeSync(writer, line(1) + line(2).slice(0, 50));
    tail.look();
    expect(keyLog.size).toBe(1);
    writeSync(writer, line(2).slice(50));
    tail.look();
    expect(keyLog.size).toBe(2);
    closeSync(writer);
    tail.close();
  },
);

it.skipIf(process.platform === 'win32')('reads a device no further than its limit, and says so', () => {
  const tail = new KeyLogTail('/dev/zero', new KeyLog(), 20 << 20);
  for (let look = 0; look < 5 && tail.problem === null; look++) tail.look();
  expect(tail.problem).toContain('/dev/zero were read: it is too large');
});

it('reads a file no further than its limit, however often it begins anew', () => {
  const file = path.join(folder, 'again.log');
  const tail = new KeyLogTail(file, new KeyLog(), 3 * line(1).length);
  for (let run = 1; run <= 3; run++) {
    writeFileSync(file, line(run));
    tail.look();
    writeFileSync(file, '');
    tail.look();
  }
  expect(tail.problem).toBeNull();
  writeFileSync(file, line(4));
  for (let look = 0; look < 2; look++) tail.look();
  appendFileSync(file, line(5));
  tail.look();
  expect(tail.problem).toContain('too large');
});

const why = process.platform === 'linux' ? '' : ' (skipped: names are UTF-8 here)';
it.skipIf(why !== '')(`follows a key log whose name is no UTF-8${why}`, () => {
  const bytes = Buffer.concat([Buffer.from(path.join(folder, 'keys-')), Buffer.of(0xff)]);
  writeFileSync(bytes, line(1));
  const keyLog = new KeyLog();
  new KeyLogTail(pathFromBytes(bytes), keyLog).look();
  expect(keyLog.size).toBe(1);
});
