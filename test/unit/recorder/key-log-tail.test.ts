import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
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
