/** Damaged recordings of real connections through the whole decoder: every file gives traces, without an exception and within bounds. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../src/base/bytes';
import type { PacketSink } from '../../src/capture/packet';
import { CaptureReader } from '../../src/capture/reader';
import { decompressed, isDamagedCompression } from '../../src/files/decompress';
import { CaptureFileError } from '../../src/files/errors';
import { readCapture } from '../../src/files/read-capture';
import { saveTraces } from '../../src/files/save-traces';
import { Inspector } from '../../src/inspect/inspector';
import { KeyLog } from '../../src/tls/keylog';
import { TRACE_LIMITS } from '../../src/trace/builder';
import { lineBuilder, putTraceLine } from '../../src/trace/list';
import { traceMarkdown } from '../../src/trace/markdown';
import type { Trace } from '../../src/trace/model';
import { redactTrace } from '../../src/trace/redact';
import { renderTrace } from '../../src/trace/text';
import { tries } from '../support/fuzz';
import { guarded, guardedAsync } from '../support/guard';
import { large, type Mutant, makeMutant, recipe } from '../support/mutants/mutants';
import { SEEDS } from '../support/mutants/seeds';
import { CONTAINERS, WRAPPINGS } from '../support/mutants/wrappings';

/** Most bytes taken out of a compressed file. */
const ENOUGH = 1 << 24;

/** A file in pieces of these lengths, the last one again and again. Their memory is used again, as that of a file's chunks is. */
async function* pieces(file: Uint8Array, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  const memory = new Uint8Array(Math.min(file.length, Math.max(...lengths)));
  for (let at = 0, i = 0; at < file.length; i++) {
    const length = Math.min(lengths[Math.min(i, lengths.length - 1)], file.length - at);
    memory.set(file.subarray(at, at + length));
    yield memory.subarray(0, length);
    memory.fill(0xee);
    at += length;
  }
}

/** Feeds a file to several sinks at once. @returns what was in it, unpacked. */
async function feed(
  file: Uint8Array,
  lengths: readonly number[],
  sinks: readonly PacketSink[],
): Promise<Uint8Array> {
  const readers = sinks.map((sink) => new CaptureReader(sink));
  const unpacked: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of decompressed(pieces(file, lengths)).chunks) {
      unpacked.push(chunk.slice());
      length += chunk.length;
      for (const reader of readers) reader.push(chunk);
      if (length > ENOUGH) break;
    }
  } catch (error) {
    if (!isDamagedCompression(error)) throw error;
  }
  for (const reader of readers) reader.finish();
  return concat(...unpacked);
}

function traceLine(trace: Trace): string {
  const line = lineBuilder();
  putTraceLine(line, trace);
  return utf8(line.view());
}

/** All of a trace but what its steps say. */
function outline(trace: Trace): unknown {
  const steps = trace.steps.map(({ message, frames, from, layer, time, bytes, encrypted }) => {
    return { message, frames, from, layer, time, bytes, encrypted };
  });
  return { ...trace, steps };
}

/** Says where two lists of traces begin to differ, and not all of both. */
function same(what: string, found: readonly unknown[], expected: readonly unknown[]): void {
  const text = (list: readonly unknown[]) =>
    list.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join('\n');
  const [one, other] = [text(found), text(expected)];
  if (one === other) return;
  let at = 0;
  while (one[at] === other[at]) at++;
  const around = (whole: string) => whole.slice(Math.max(0, at - 200), at + 200);
  expect(around(one), what).toBe(around(other));
}

async function decode({ bytes, secrets }: Mutant, lengths: readonly number[]): Promise<Trace[]> {
  const keyLog = () => KeyLog.parse(secrets).value;
  const kept = new Inspector({ keyLog: keyLog() });
  const outlined = new Inspector({ keyLog: keyLog(), outline: true });
  const unpacked = await feed(bytes, lengths, [kept, outlined]);
  const ordered: string[] = [];
  const streamed = new Inspector({
    keyLog: keyLog(),
    onOrderedTrace: (trace) => ordered.push(JSON.stringify(trace)),
  });
  const reader = new CaptureReader(streamed);
  reader.push(unpacked);
  reader.finish();
  streamed.finish();
  const traces = kept.finish();
  const outlines = outlined.finish();
  same('printed as they come', ordered, traces);
  expect(streamed.issues).toEqual(kept.issues);
  same('only listed', outlines.map(outline), traces.map(outline));
  expect(outlines.map(traceLine)).toEqual(traces.map(traceLine));
  for (const [index, trace] of traces.entries()) {
    expect(trace.id).toBe(`t${index + 1}`);
    expect(trace.verdict).not.toBe('');
    expect(trace.steps.length).toBeLessThanOrEqual(TRACE_LIMITS.steps);
    const shown = redactTrace(trace);
    expect(renderTrace(shown).text).toContain(trace.id);
    expect(traceMarkdown(shown)).not.toBe('');
  }
  return traces;
}

const lengths = fc.oneof(
  fc.constant([1 << 20]),
  fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 }),
  fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 5 }),
);

describe('recorded connections', () => {
  const whole = { compression: 'none', mutations: [] };
  const MIXED = CONTAINERS.findIndex(({ name }) => name.includes('all kinds'));
  const verdicts = (traces: readonly Trace[]) => traces.map((trace) => trace.verdict);

  it('are the same in every format, link type and tunnel', async () => {
    for (const [seed, { name, file }] of SEEDS.entries()) {
      const plain = await decode(
        { ...makeMutant({ ...whole, seeds: [seed], wrappings: [0], container: 0 }) },
        [4096],
      );
      expect(plain.length, name).toBeGreaterThan(0);
      const { document } = await readSeed(file);
      expect(verdicts(plain), name).toEqual(verdicts(document.traces));
      const compression = ['none', 'gzip', 'zstd', 'lz4'][seed % 4];
      const container = seed % CONTAINERS.length;
      for (const index of [2 * seed, 2 * seed + 1].map((each) => each % WRAPPINGS.length)) {
        const recipe = { ...whole, compression, seeds: [seed], wrappings: [index], container };
        // Simple packet blocks have no time, and what is put together of parts that are years apart is not one packet.
        if (container === MIXED && WRAPPINGS[index].name.startsWith('fragments')) continue;
        const traces = await decode(makeMutant(recipe), [1000]);
        const what = `${name}, ${WRAPPINGS[index].name}, ${CONTAINERS[container].name}, ${compression}`;
        expect(verdicts(traces), what).toEqual(verdicts(plain));
      }
    }
  });

  it('damaged: give the same traces whether kept, printed as they come or only listed', async () => {
    await fc.assert(
      fc.asyncProperty(recipe, lengths, async (ingredients, sizes) => {
        const made = makeMutant(ingredients);
        await guardedAsync('files', made.bytes.length, () => decode(made, sizes));
      }),
      { numRuns: tries(300, 1 / 4) },
    );
  });
});

describe('large files of packets that come again and again', () => {
  it('are read in time', () => {
    fc.assert(
      fc.property(large, (ingredients) => {
        const { bytes, secrets } = makeMutant({ ...ingredients, compression: 'none' });
        guarded('files', bytes.length, () => {
          const inspector = new Inspector({ keyLog: KeyLog.parse(secrets).value });
          const reader = new CaptureReader(inspector);
          reader.push(bytes);
          reader.finish();
          for (const trace of inspector.finish()) expect(renderTrace(redactTrace(trace)).text).not.toBe('');
        });
      }),
      { numRuns: tries(20, 1 / 40) },
    );
  });
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'handshake-inspector-fuzz-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function readSeed(file: Uint8Array) {
  const path = join(folder, 'seed');
  writeFileSync(path, file);
  return readCapture(path);
}

describe('damaged files', () => {
  it('are read and saved, whole and redacted, or refused in words', async () => {
    await fc.assert(
      fc.asyncProperty(recipe, fc.boolean(), async (ingredients, redact) => {
        const { bytes, secrets } = makeMutant(ingredients);
        const path = join(folder, 'mutant');
        const target = join(folder, 'saved');
        writeFileSync(path, bytes);
        await guardedAsync('files', bytes.length, async () => {
          try {
            const keyLog = () => KeyLog.parse(secrets).value;
            const { document } = await readCapture(path, { keyLog: keyLog() });
            const packets = await saveTraces(path, target, { keyLog: keyLog(), redact });
            const again = await readCapture(target);
            expect(again.damaged).toBe(false);
            expect(again.document.capture.packets).toBe(packets);
            expect(document.traces.length).toBeGreaterThan(0);
          } catch (error) {
            if (!(error instanceof CaptureFileError)) throw error;
            expect(error.message).not.toBe('');
          }
        });
      }),
      { numRuns: tries(100, 1 / 12) },
    );
  });
});
