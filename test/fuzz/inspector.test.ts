/** Damaged recordings of real connections through the whole decoder: every file gives traces, without an exception and in time. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../src/base/bytes';
import { CaptureReader } from '../../src/capture/reader';
import { Inspector } from '../../src/inspect/inspector';
import { TRACE_LIMITS } from '../../src/trace/builder';
import { traceLine } from '../../src/trace/list';
import type { Trace } from '../../src/trace/model';
import { redactTrace } from '../../src/trace/redact';
import { renderTrace } from '../../src/trace/text';
import { tries } from '../support/fuzz';
import { sifted } from '../support/sifted';

const folder = join(__dirname, '../fixtures');
const recordings = readdirSync(folder)
  .filter((name) => name.endsWith('.pcapng'))
  .map((name) => new Uint8Array(readFileSync(join(folder, name))));

/** Changes to a file, each at a place given as a part of its length. */
type Change =
  | { readonly kind: 'byte'; readonly at: number; readonly value: number }
  | { readonly kind: 'cut' | 'copy'; readonly at: number; readonly length: number };

const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('byte' as const), at: place, value: fc.nat(255) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('cut', 'copy'), at: place, length: fc.nat(400) }),
  },
);

function apply(bytes: Uint8Array, { at, ...what }: Change): Uint8Array {
  const offset = Math.floor(at * bytes.length);
  if (what.kind === 'byte') {
    const copy = bytes.slice();
    copy[offset] = what.value;
    return copy;
  }
  const end = Math.min(bytes.length, offset + what.length);
  const rest = what.kind === 'cut' ? bytes.subarray(end) : bytes.subarray(offset);
  return concat(bytes.subarray(0, end === offset || what.kind === 'copy' ? end : offset), rest);
}

/** All of a trace but what its steps say. */
function outline(trace: Trace): unknown {
  const steps = trace.steps.map(({ message, frames, from, layer, time, bytes, encrypted }) => {
    return { message, frames, from, layer, time, bytes, encrypted };
  });
  return { ...trace, steps };
}

function decode(bytes: Uint8Array): void {
  const started = performance.now();
  const ordered: string[] = [];
  const kept = new Inspector();
  const streamed = new Inspector({ onOrderedTrace: (trace) => ordered.push(JSON.stringify(trace)) });
  const outlined = new Inspector({ outline: true });
  const behind = new Inspector();
  const { sink, flush } = sifted(behind);
  for (const each of [kept, streamed, outlined, sink]) {
    const reader = new CaptureReader(each);
    reader.push(bytes);
    reader.finish();
  }
  flush();
  const traces = kept.finish();
  streamed.finish();
  const outlines = outlined.finish();
  expect(ordered).toEqual(traces.map((trace) => JSON.stringify(trace)));
  expect(JSON.stringify(behind.finish())).toBe(JSON.stringify(traces));
  expect(behind.issues).toEqual(kept.issues);
  expect(outlines.map(outline)).toEqual(traces.map(outline));
  expect(outlines.map(traceLine)).toEqual(traces.map(traceLine));
  for (const [index, trace] of traces.entries()) {
    expect(trace.id).toBe(`t${index + 1}`);
    expect(trace.verdict).not.toBe('');
    expect(trace.steps.length).toBeLessThanOrEqual(TRACE_LIMITS.steps);
    expect(renderTrace(redactTrace(trace)).text).toContain(trace.id);
  }
  expect(performance.now() - started).toBeLessThan(2000);
}

describe('recorded connections, damaged', () => {
  it('give traces, the same ones whether kept, printed as they come, only listed, or inspected by another thread', () => {
    fc.assert(
      fc.property(fc.constantFrom(...recordings), fc.array(change, { maxLength: 12 }), (bytes, changes) => {
        decode(changes.reduce(apply, bytes));
      }),
      { numRuns: tries(200) },
    );
  });
});
