import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCapture } from '../../../src/files/read-capture';
import { saveTraces } from '../../../src/files/save-traces';
import type { Trace } from '../../../src/trace/model';

const fixtures = join(__dirname, '../../fixtures');
const tshark = spawnSync('tshark', ['--version'], { stdio: 'ignore' }).error === undefined;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'handshake-inspector-save-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function tracesOf(path: string): Promise<readonly Trace[]> {
  return (await readCapture(path)).document.traces;
}

/** What does not depend on the frames around a connection, nor on its place in the file. */
function essence(trace: Trace) {
  const { verdict, outcome, tls, auth, startTime, durationMs } = trace;
  const steps = trace.steps.map(({ message, time, clientState, serverState, fields }) => ({
    message,
    time,
    clientState,
    serverState,
    fields,
  }));
  return { verdict, outcome, tls, auth, startTime, durationMs, steps };
}

describe('saveTraces', () => {
  it.each(['pg18-tls-scram-keys.pcapng', 'mongo-tls-scram-keys.pcapng', 'pg18-wrong-password-prefer.pcapng'])(
    'all of %s: read back the same, secrets included',
    async (name) => {
      const target = join(folder, name);
      expect(await saveTraces(join(fixtures, name), target)).toBeGreaterThan(10);
      const [before, after] = [await tracesOf(join(fixtures, name)), await tracesOf(target)];
      expect(after.map(essence)).toEqual(before.map(essence));
    },
  );

  it('one of several: only its packets, and only its secrets', async () => {
    const source = join(fixtures, 'mongo-tls-scram-keys.pcapng');
    const target = join(folder, 'one.pcapng');
    const all = await tracesOf(source);
    expect(all.length).toBeGreaterThan(1);
    await saveTraces(source, target, { ids: ['t2'] });
    expect((await tracesOf(target)).map(essence)).toEqual([essence(all[1])]);
  });

  it('refuses an id that the capture does not have', async () => {
    const saving = saveTraces(join(fixtures, 'pg18-md5.pcapng'), join(folder, 'none.pcapng'), {
      ids: ['t7'],
    });
    await expect(saving).rejects.toThrow('no t7');
  });

  it.each([false, true])('never writes over the capture that it reads, redact %s', async (redact) => {
    const name = `own-${redact}.pcapng`;
    const [own, link] = [join(folder, name), join(folder, `link-${name}`)];
    copyFileSync(join(fixtures, 'pg18-md5.pcapng'), own);
    symlinkSync(own, link);
    for (const target of [own, link]) {
      await expect(saveTraces(own, target, { redact })).rejects.toThrow('is the capture itself');
    }
    expect(readFileSync(own)).toEqual(readFileSync(join(fixtures, 'pg18-md5.pcapng')));
  });

  it('gives addresses others when asked: the same for the same one, in all of the file', async () => {
    const source = join(fixtures, 'pg18-wrong-password-prefer.pcapng');
    const target = join(folder, 'addresses.pcapng');
    await saveTraces(source, target, { redact: true, redactAddresses: true });
    const [before, after] = [await tracesOf(source), await tracesOf(target)];
    const ends = (traces: readonly Trace[]) =>
      traces.flatMap(({ client, server }) => [client.address, server.address]);
    const others = new Map(ends(before).map((address, i) => [address, ends(after)[i]]));
    expect(ends(after)).toEqual(ends(before).map((address) => others.get(address)));
    for (const [old, other] of others) expect(other).not.toBe(old);
    expect(after.map((trace) => trace.error?.code)).toEqual(before.map((trace) => trace.error?.code));
  });

  it.skipIf(!tshark)('Wireshark opens and decrypts what was saved', async () => {
    const target = join(folder, 'decrypted.pcapng');
    await saveTraces(join(fixtures, 'pg18-tls-scram-keys.pcapng'), target);
    const run = spawnSync('tshark', ['-n', '-r', target, '-T', 'fields', '-e', 'tls.handshake.type'], {
      encoding: 'utf8',
    });
    expect(run.status).toBe(0);
    // 20 is Finished, which TLS 1.3 sends encrypted: only the secrets show it.
    expect(run.stdout).toMatch(/\b20\b/);
  });
});
