/** A step's bytes are read again from the file, the packets of its trace alone: in damaged files they are those of a whole reading, or none. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CaptureFileError } from '../../src/files/errors';
import { readCapture } from '../../src/files/read-capture';
import { readTraceData, TracePlaces } from '../../src/files/trace-places';
import { KeyLog } from '../../src/tls/keylog';
import { tries } from '../support/fuzz';
import { guardedAsync } from '../support/guard';
import { makeMutant, recipe } from '../support/mutants/mutants';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'handshake-inspector-fuzz-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** @returns how many traces' bytes were found by their places. */
async function compare(path: string, keyLog: () => KeyLog): Promise<number> {
  const places = new TracePlaces();
  const { document, keys } = await readCapture(path, { keyLog: keyLog(), places });
  const all = new Set(keys.values());
  const whole = await readCapture(path, { keyLog: keyLog(), keepDataOf: all });
  expect(whole.keys).toEqual(keys);
  let found = 0;
  for (const trace of document.traces) {
    const key = keys.get(trace.id) as number;
    const data = await readTraceData(path, places, key, trace, keyLog());
    if (data === undefined) continue;
    found++;
    expect(data).toEqual(whole.data.get(key));
    for (const [index, bytes] of data.entries()) {
      if (bytes) expect(bytes.length).toBeLessThanOrEqual(trace.steps[index].bytes);
    }
  }
  return found;
}

describe('bytes of steps', () => {
  it('are those of a whole reading', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(recipe, async (ingredients) => {
        const { bytes, secrets } = makeMutant(ingredients);
        const path = join(folder, 'mutant');
        writeFileSync(path, bytes);
        await guardedAsync('files', bytes.length, async () => {
          try {
            found += await compare(path, () => KeyLog.parse(secrets).value);
          } catch (error) {
            if (!(error instanceof CaptureFileError)) throw error;
          }
        });
      }),
      { numRuns: tries(100, 1 / 12) },
    );
    expect(found).toBeGreaterThan(0);
  });
});
