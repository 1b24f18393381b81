/** Redaction of made-up captures that have a value of their own in every place: none of them is in the result, which decodes as before. */
import { describe, expect, it } from 'vitest';
import { CaptureReader } from '../../src/capture/reader';
import { Inspector } from '../../src/inspect/inspector';
import { placeOf } from '../../src/inspect/packet-picker';
import { RedactingPicker } from '../../src/inspect/redaction/redacting-picker';
import { KeyLog } from '../../src/tls/keylog';
import type { Trace } from '../../src/trace/model';
import { tries } from '../support/fuzz';
import { KIND_COUNT, plantedCapture } from '../support/planted/captures';
import { foundForms } from '../support/planted/search';

function read(bytes: Uint8Array, sink: ConstructorParameters<typeof CaptureReader>[0]): void {
  const reader = new CaptureReader(sink);
  reader.push(bytes);
  reader.finish();
}

function decoded(bytes: Uint8Array, keyLog: string): readonly Trace[] {
  const inspector = new Inspector({ keyLog: KeyLog.parse(Buffer.from(keyLog)).value });
  read(bytes, inspector);
  return inspector.finish();
}

/** A planted value, or the letters in its place. */
function withoutNames(text: string): string {
  return text.replaceAll(/\bzq7[\da-z]+|\b([a-z])\1{7,}\b|\b(a[b-z])\2{3,}[a-z]?\b/gi, '…');
}

/** What redaction keeps: causes, mechanisms, states and lengths. */
function skeleton({ protocol, outcome, error, auth, tls, findings, steps }: Trace) {
  return {
    protocol,
    outcome,
    error: error?.code,
    mechanism: withoutNames(auth.mechanism ?? ''),
    auth: auth.outcome,
    tls: tls && {
      version: tls.version,
      cipher: tls.cipher,
      decrypted: tls.decrypted,
      certificates: tls.certificates.length,
      alerts: tls.alerts,
    },
    findings: findings.map((finding) => finding.code).sort(),
    steps: steps.map(({ message, from, bytes, clientState, serverState, encrypted }) => ({
      message: withoutNames(message),
      from,
      bytes,
      clientState,
      serverState,
      encrypted,
    })),
  };
}

function redacted(
  bytes: Uint8Array,
  keyLog: string,
  traces: readonly Trace[],
  redactAddresses: boolean,
): Uint8Array {
  let count = 0;
  const random = (length: number) =>
    new Uint8Array(length).map(() => {
      count = (count * 75 + 74) % 65_537;
      return count & 255;
    });
  const picker = new RedactingPicker(traces.map(placeOf), new Set(traces.map(({ id }) => id)), {
    keyLog: KeyLog.parse(Buffer.from(keyLog)).value,
    random,
    redactAddresses,
  });
  read(bytes, picker);
  return picker.toBytes();
}

describe('captures with a value in every place', () => {
  const runs = Math.max(KIND_COUNT, tries(KIND_COUNT, 1 / 20));
  let planted = 0;
  let opened = 0;

  it(`${runs} of them hold none when they are redacted, and decode as before`, () => {
    const leaks: string[] = [];
    const changed: string[] = [];
    for (let run = 0; run < runs; run++) {
      const { name, bytes, keyLog, places } = plantedCapture(run);
      const before = decoded(bytes, keyLog);
      expect(before.length, name).toBe(1);
      planted += places.size;
      if (before[0].tls?.decrypted) opened++;
      const result = redacted(bytes, keyLog, before, run % 2 === 1);
      const after = decoded(result, '');
      for (const value of foundForms(result, JSON.stringify(after), [...places.keys()])) {
        leaks.push(`${name}: ${places.get(value)}`);
      }
      const [one, other] = [JSON.stringify(before.map(skeleton)), JSON.stringify(after.map(skeleton))];
      if (one !== other) changed.push(`${name}\n  ${one}\n  ${other}`);
    }
    expect([...new Set(leaks)]).toEqual([]);
    expect(changed).toEqual([]);
  });

  it('plant at least 2,000 values', () => expect(planted).toBeGreaterThanOrEqual(2_000));

  it('are read inside TLS too', () => expect(opened).toBeGreaterThan(runs / 3));
});
