/** While a capture is read, the place of a handshake may not be known yet: no id that was shown may come to mean another one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { concat } from '../../../src/base/bytes';
import { recordingsToPcapng } from '../../../src/inspect/export';
import { CaptureSession } from '../../../src/language/session';
import { refusedLogin } from '../../support/recordings';

const ENHANCED_PACKET = 6;
const CUSTOM = 0xbad;
const EARLY = 50_001;
const LATE = 50_002;

const folder = mkdtempSync(join(tmpdir(), 'handshake-reading-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function blocks(port: number): { readonly before: Uint8Array[]; readonly packets: Uint8Array[] } {
  const login = refusedLogin(`password of ${port}`);
  const file = recordingsToPcapng([{ ...login, client: { ...login.client, port } }]);
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const found = { before: [] as Uint8Array[], packets: [] as Uint8Array[] };
  for (let at = 0; at < file.length; ) {
    const length = view.getUint32(at + 4, true);
    const block = file.subarray(at, at + length);
    (view.getUint32(at, true) === ENHANCED_PACKET ? found.packets : found.before).push(block);
    at += length;
  }
  return found;
}

/** So much that the file is read in several pieces. */
function padding(): Uint8Array {
  const block = new Uint8Array(64 << 10);
  const view = new DataView(block.buffer);
  view.setUint32(0, CUSTOM, true);
  view.setUint32(4, block.length, true);
  view.setUint32(block.length - 4, block.length, true);
  return concat(...Array.from({ length: 40 }, () => block));
}

/** Reads a file to its end or until `stop`, looking at everything each time that there is progress. */
async function watch(name: string, contents: Uint8Array, stop = false) {
  const path = join(folder, name);
  writeFileSync(path, contents);
  const shown = new Map<string, Set<number>>();
  const bytes: Promise<string>[] = [];
  const look = () => {
    for (const { id } of session.page(0, 10).rows) {
      const port = session.trace(id, false)?.client.port ?? 0;
      shown.set(id, (shown.get(id) ?? new Set()).add(port));
      const step =
        session.trace(id, false)?.steps.findIndex(({ message }) => message === 'PasswordMessage') ?? -1;
      bytes.push(
        session.bytes(id, step, true).then(({ hex }) => {
          const text = Buffer.from(hex, 'hex').toString('latin1');
          return text === '' || text.includes(`password of ${port}`) ? 'right' : text;
        }),
      );
      if (stop) session.cancel();
    }
  };
  const session = new CaptureSession(
    path,
    { keyLogFile: null, progressEveryMs: 0 },
    { onProgress: look, onFinished: () => {}, onFailed: () => {} },
  );
  await session.done;
  return { session, shown, bytes: await Promise.all(bytes) };
}

const early = blocks(EARLY);
const late = blocks(LATE);
const overlapping = concat(
  ...early.before,
  early.packets[0],
  ...late.packets,
  padding(),
  ...early.packets.slice(1),
);

it('what was shown by an id stays what that id means, though the connection that began first ends last', async () => {
  const { session, shown, bytes } = await watch('overlapping.pcapng', overlapping);
  expect([...shown.values()].map((ports) => [...ports])).toContainEqual([LATE]);
  for (const [id, ports] of shown)
    expect([id, ...ports]).toEqual([id, session.trace(id, false)?.client.port]);
  expect(bytes.length).toBeGreaterThan(0);
  expect(new Set(bytes)).toEqual(new Set(['right']));
  expect(session.traces.map(({ id, client }) => [id, client.port])).toEqual([
    ['t1', EARLY],
    ['t2', LATE],
  ]);
  // Who holds the id of before is told the final one, by the news and by the trace.
  const [before] = shown.keys();
  expect(session.renamed).toEqual({ [before]: 't2' });
  expect(session.trace(before, false)?.id).toBe('t2');
  const step = session.traces[1].steps.findIndex(({ message }) => message === 'PasswordMessage');
  expect(await session.bytes(before, step, true)).toEqual(await session.bytes('t2', step, true));
  expect(session.revised).toBe(true);
});

it('a handshake whose place is known is shown by its final id at once', async () => {
  const file = concat(...early.before, ...early.packets, padding(), ...late.packets);
  const { session, shown } = await watch('in-order.pcapng', file);
  expect([...shown]).toContainEqual(['t1', new Set([EARLY])]);
  expect(session.traces.map(({ id, client }) => [id, client.port])).toEqual([
    ['t1', EARLY],
    ['t2', LATE],
  ]);
  expect(session.renamed).toEqual({});
  expect(session.revised).toBe(false);
});

it('cancelled, the ids stay as they were shown', async () => {
  const { session, shown } = await watch('cancelled.pcapng', overlapping, true);
  expect(session.state).toBe('cancelled');
  expect(session.traces.map(({ id, client }) => [id, new Set([client.port])])).toEqual([...shown]);
  expect(session.traces).toHaveLength(1);
});
