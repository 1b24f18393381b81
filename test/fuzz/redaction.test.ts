/** Damaged recordings of real connections, redacted: no exception, as many bytes as before, and nothing of what was secret. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureReader } from '../../src/capture/reader';
import { Inspector } from '../../src/inspect/inspector';
import { placeOf } from '../../src/inspect/packet-picker';
import { RedactionError } from '../../src/inspect/redaction/check-redacted';
import { RedactingPicker } from '../../src/inspect/redaction/redacting-picker';
import { KeyLog } from '../../src/tls/keylog';
import { tries } from '../support/fuzz';
import { guarded } from '../support/guard';
import { makeMutant, recipe } from '../support/mutants/mutants';

function read(bytes: Uint8Array, sink: ConstructorParameters<typeof CaptureReader>[0]): CaptureReader {
  const reader = new CaptureReader(sink);
  reader.push(bytes);
  reader.finish();
  return reader;
}

/** @returns the redacted file of all its traces. */
function redacted(bytes: Uint8Array, secrets: Uint8Array): Uint8Array {
  const keyLog = () => KeyLog.parse(secrets).value;
  const inspector = new Inspector({ keyLog: keyLog() });
  read(bytes, inspector);
  const traces = inspector.finish();
  const chosen = new Set(traces.map((trace) => trace.id));
  const random = (length: number) => new Uint8Array(length).fill(5);
  const picker = new RedactingPicker(traces.map(placeOf), chosen, { keyLog: keyLog(), random });
  read(bytes, picker);
  let written: Uint8Array;
  try {
    written = picker.toBytes();
  } catch (error) {
    // What damage makes of a message may be both a value and a fixed word of another: then nothing is saved.
    if (error instanceof RedactionError) return new Uint8Array(0);
    throw error;
  }
  expect(read(written, { handlePacket: () => undefined }).packets).toBe(picker.packets);
  return written;
}

/** Secrets that no single changed byte hides or makes: whole passwords of the recordings. */
const PASSWORDS = ['clear-password', 'app-password', 'md5-password'];

describe('damaged recordings', () => {
  it('are redacted', () => {
    fc.assert(
      fc.property(recipe, (ingredients) => {
        const { bytes, secrets } = makeMutant({ ...ingredients, compression: 'none' });
        const written = guarded('redaction', bytes.length, () => redacted(bytes, secrets));
        const text = Buffer.from(written).toString('latin1');
        for (const password of PASSWORDS) expect(text).not.toContain(password);
      }),
      { numRuns: tries(150, 1 / 4) },
    );
  });
});
