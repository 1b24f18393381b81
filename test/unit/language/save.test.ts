import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { readCapture } from '../../../src/files/read-capture';
import { recordingsToPcapng } from '../../../src/inspect/export';
import type { Trace } from '../../../src/trace/model';
import { withKeysApart } from '../../support/keys-apart';
import { refusedLogin } from '../../support/recordings';
import { askOf, quietSessions } from '../../support/sessions';

const folder = mkdtempSync(join(tmpdir(), 'handshake-save-'));
const tlsCapture = join(folder, 'tls.pcapng');
copyFileSync(resolve(__dirname, '../../fixtures/mongo-tls-scram-keys.pcapng'), tlsCapture);
const plainCapture = join(folder, 'plain.pcapng');
writeFileSync(plainCapture, recordingsToPcapng([refusedLogin(), refusedLogin('second horse')]));

const sessions = quietSessions({ lingerMs: 5 });
const ask = askOf(sessions);
afterAll(() => {
  sessions.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** The request as it comes from the extension; the answer, or the error that is sent back. */
async function save(path: string, target: string, form: string, id: string | null): Promise<unknown> {
  const params = { uri: pathToFileURL(path).toString(), target, form, id };
  return ask('handshake/save', params);
}

async function openWhole(path: string) {
  const session = sessions.open(pathToFileURL(path).toString(), null);
  await session.done;
  return session;
}

async function tracesOf(path: string): Promise<readonly Trace[]> {
  return (await readCapture(path)).document.traces;
}

function stepsOf({ outcome, steps }: Trace) {
  return { outcome, steps: steps.map(({ from, message, bytes }) => ({ from, message, bytes })) };
}

/** TLS secrets that a pcapng file carries. */
function secretsOf(path: string): string[] {
  return [...readFileSync(path, 'latin1').matchAll(/_SECRET_0 [0-9a-f]{64} ([0-9a-f]{64,96})/g)].map(
    (match) => match[1],
  );
}

describe('handshake/save', () => {
  it('writes all handshakes as they are: the same steps, with their secrets', async () => {
    const { traces } = await openWhole(plainCapture);
    const target = join(folder, 'all.pcapng');
    expect(await save(plainCapture, target, 'handshakes', null)).toEqual({ packets: expect.any(Number) });
    expect((await tracesOf(target)).map(stepsOf)).toEqual(traces.map(stepsOf));
    expect(readFileSync(target, 'latin1')).toContain('correct horse');
  });

  it('writes the selected one alone, inside TLS too', async () => {
    const { traces } = await openWhole(tlsCapture);
    expect(traces.length).toBeGreaterThan(1);
    const target = join(folder, 'one.pcapng');
    await save(tlsCapture, target, 'handshakes', 't2');
    expect((await tracesOf(target)).map(stepsOf)).toEqual([stepsOf(traces[1])]);
    const kept = secretsOf(target);
    expect(kept.length).toBeGreaterThan(0);
    expect(secretsOf(tlsCapture)).toEqual(expect.arrayContaining(kept));
  });

  it('writes redacted ones: the same steps and no secret', async () => {
    const { traces } = await openWhole(plainCapture);
    const target = join(folder, 'redacted.pcapng');
    await save(plainCapture, target, 'redacted', null);
    expect((await tracesOf(target)).map(stepsOf)).toEqual(traces.map(stepsOf));
    expect(readFileSync(target, 'latin1')).not.toMatch(/horse|app_user|appdb/);
  });

  it('writes one redacted inside TLS: readable by secrets that are not the real ones', async () => {
    const { traces } = await openWhole(tlsCapture);
    const target = join(folder, 'redacted-one.pcapng');
    await save(tlsCapture, target, 'redacted', 't2');
    const [saved, ...others] = await tracesOf(target);
    expect(others).toEqual([]);
    expect(saved.tls?.decrypted).toBe(true);
    // What follows the handshake is not saved.
    const messages = saved.steps.filter(({ layer }) => layer === 'mongodb').map(({ message }) => message);
    const before = traces[1].steps.filter(({ layer }) => layer === 'mongodb').map(({ message }) => message);
    expect(messages.length).toBeGreaterThan(0);
    expect(messages).toEqual(before.slice(0, messages.length));
    const real = new Set(secretsOf(tlsCapture));
    expect(real.size).toBeGreaterThan(0);
    expect(secretsOf(target).filter((secret) => real.has(secret))).toEqual([]);
  });

  it.each([
    [
      'the capture itself',
      plainCapture,
      null,
      /plain\.pcapng is the capture itself; save under another name/,
    ],
    ['a folder', folder, null, /is a folder; name a file in it/],
    ['a folder that is not there', join(folder, 'no', 'x.pcapng'), null, /its folder does not exist; choose/],
    ['no such handshake', join(folder, 'never.pcapng'), 't9', /t1 to t2, and no t9/],
  ])('refuses %s in words', async (_, target, id, words) => {
    await openWhole(plainCapture);
    const before = readFileSync(plainCapture);
    expect(await save(plainCapture, target, 'redacted', id)).toMatchObject({
      message: expect.stringMatching(words),
    });
    expect(readFileSync(plainCapture).equals(before)).toBe(true);
    expect(existsSync(join(folder, 'never.pcapng'))).toBe(false);
  });

  it('saves what was read of a compressed capture: no more than it was unpacked to then', async () => {
    const path = join(folder, 'packed.pcapng.gz');
    const plain = readFileSync(plainCapture);
    const [half, whole] = [plain.length / 2 / 1e6, plain.length / 1e6];
    writeFileSync(path, gzipSync(plain));
    const uri = pathToFileURL(path).toString();
    const open = async (unpackedMegabytes: number) => {
      sessions.unpackedMegabytes = unpackedMegabytes;
      const session = sessions.open(uri, null);
      await session.done;
      return session;
    };
    const some = await open(half);
    expect(some.document?.capture?.issues[0]).toMatchObject({ code: 'UNPACKED_LIMIT' });
    // Meant for another capture that is opened meanwhile.
    sessions.unpackedMegabytes = undefined;
    const target = join(folder, 'packed-saved.pcapng');
    await save(path, target, 'handshakes', null);
    expect((await tracesOf(target)).map(stepsOf)).toEqual(some.traces.map(stepsOf));

    const all = await open(whole);
    expect(all).not.toBe(some);
    expect(all.document?.capture?.issues).toEqual([]);
    expect(all.traces.map(stepsOf)).not.toEqual(some.traces.map(stepsOf));
    await save(path, target, 'handshakes', null);
    expect((await tracesOf(target)).map(stepsOf)).toEqual(all.traces.map(stepsOf));
    expect(await open(whole)).toBe(all);
  });

  it('saves what was read, without a key log that did not exist when it was read', async () => {
    const { classic, keys } = withKeysApart('pg18-tls-scram-keys.pcapng');
    const path = join(folder, 'closed.pcap');
    const keyLogFile = join(folder, 'later.keys');
    writeFileSync(path, classic);
    const session = sessions.open(pathToFileURL(path).toString(), keyLogFile);
    await session.done;
    const target = join(folder, 'closed-saved.pcapng');
    for (const write of [() => {}, () => writeFileSync(keyLogFile, keys)]) {
      write();
      expect(await save(path, target, 'handshakes', 't1')).toEqual({ packets: expect.any(Number) });
      expect((await tracesOf(target)).map(stepsOf)).toEqual(session.traces.map(stepsOf));
    }
  });

  it('refuses one handshake of a file that is read, or has changed: its id may be another', async () => {
    const path = join(folder, 'changing.pcapng');
    copyFileSync(plainCapture, path);
    const target = join(folder, 'changed.pcapng');
    const session = sessions.open(pathToFileURL(path).toString(), null);
    expect(await save(path, target, 'handshakes', 't1')).toMatchObject({
      message: expect.stringMatching(/read to its end/),
    });
    await session.done;
    writeFileSync(path, recordingsToPcapng([refusedLogin()]));
    expect(await save(path, target, 'handshakes', 't1')).toMatchObject({
      message: expect.stringMatching(/has changed.*Read again/),
    });
    expect(existsSync(target)).toBe(false);
  });

  it('refuses a capture that nobody has open', async () => {
    const answer = await save(join(folder, 'closed.pcapng'), join(folder, 'x.pcapng'), 'handshakes', null);
    expect(answer).toMatchObject({ message: expect.stringMatching(/not open any more; open it again/) });
  });
});
