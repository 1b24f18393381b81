/** Damaged recordings of real connections, redacted: no exception, as many bytes as before, and nothing of what was secret. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureReader } from '../../src/capture/reader';
import { Inspector } from '../../src/inspect/inspector';
import { RedactingPicker } from '../../src/inspect/redaction/redacting-picker';
import { tries } from '../support/fuzz';

const folder = join(__dirname, '../fixtures');
const recordings = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.pcapng'))
  .map((name) => new Uint8Array(readFileSync(join(folder, name))));

function read(bytes: Uint8Array, sink: ConstructorParameters<typeof CaptureReader>[0]): CaptureReader {
  const reader = new CaptureReader(sink);
  reader.push(bytes);
  reader.finish();
  return reader;
}

/** Secrets that no single changed byte hides or makes: whole passwords of the recordings. */
const PASSWORDS = ['clear-password', 'app-password', 'md5-password'];

describe('damaged recordings', () => {
  it('are redacted', () => {
    const change = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      value: fc.nat(255),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...recordings),
        fc.array(change, { maxLength: 10 }),
        (original, changes) => {
          const bytes = original.slice();
          for (const { at, value } of changes) bytes[Math.floor(at * bytes.length)] = value;
          const started = performance.now();
          const inspector = new Inspector();
          read(bytes, inspector);
          const traces = inspector.finish();
          const chosen = new Set(traces.map((trace) => trace.id));
          const random = (length: number) => new Uint8Array(length).fill(5);
          const picker = new RedactingPicker(traces, chosen, { random });
          read(bytes, picker);
          const written = picker.toBytes();
          const text = Buffer.from(written).toString('latin1');
          for (const password of PASSWORDS) expect(text).not.toContain(password);
          expect(read(written, { handlePacket: () => undefined }).packets).toBe(picker.packets);
          expect(performance.now() - started).toBeLessThan(3000);
        },
      ),
      { numRuns: tries(150) },
    );
  });
});
