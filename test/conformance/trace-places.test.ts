/** The bytes of a trace's steps, read from its packets alone, are those of a whole pass over the file. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/paths.mjs';
import { readCapture } from '../../src/files/read-capture';
import { readTraceData, TracePlaces } from '../../src/files/trace-places';
import type { Trace } from '../../src/trace/model';
import { sharedCapturePath, sharedCaptures } from './shared-files';

const fixtures = join(root, 'test/fixtures');
const FILES = [
  ...readdirSync(fixtures, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.pcapng'))
    .map((name) => join(fixtures, name)),
  ...sharedCaptures()
    .filter((name) => /^(postgres|mongodb)\//.test(name))
    .map(sharedCapturePath),
];

/** The traces with their keys, and where their packets are. */
async function noted(path: string) {
  const places = new TracePlaces();
  const { document, keys } = await readCapture(path, { places });
  const keyOf = (trace: Trace) => keys.get(trace.id) as number;
  return { places, traces: document.traces, keyOf, keys };
}

describe('the packets of one trace', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'handshake-inspector-places-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(FILES)('give its bytes: %s', async (path) => {
    const { places, traces, keyOf, keys } = await noted(path);
    const { data } = await readCapture(path, { keepDataOf: new Set(keys.values()) });
    for (const trace of traces) {
      const found = await readTraceData(path, places, keyOf(trace), trace);
      expect(found).toBeDefined();
      expect(found).toEqual(data.get(keyOf(trace)));
    }
  });

  it('do not where the file is compressed or has changed, or some are missing', async () => {
    const path = join(fixtures, 'pg15-scram.pcapng');
    const { places, traces, keyOf } = await noted(path);
    const [trace] = traces;
    const packed = join(folder, 'packed.pcapng.gz');
    writeFileSync(packed, gzipSync(readFileSync(path)));
    const inPacked = await noted(packed);
    expect(inPacked.traces).toHaveLength(traces.length);
    expect(await readTraceData(packed, inPacked.places, 1, inPacked.traces[0])).toBeUndefined();

    const changed = join(folder, 'changed.pcapng');
    writeFileSync(changed, readFileSync(path).subarray(0, 400));
    expect(await readTraceData(changed, places, keyOf(trace), trace)).toBeUndefined();

    const key = keyOf(trace);
    const incomplete = new TracePlaces();
    Object.assign(incomplete, { index: places.index });
    incomplete.frames.set(key, (places.frames.get(key) as Uint32Array).slice(0, 5));
    expect(await readTraceData(path, incomplete, key, trace)).toBeUndefined();
  });
});
