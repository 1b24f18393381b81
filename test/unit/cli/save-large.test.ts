import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CaptureReader } from '../../../src/capture/reader';
import { saveTraces } from '../../../src/files/save-traces';
import { recordingsToPcapng } from '../../../src/inspect/export';
import type { RecordedEvent } from '../../../src/inspect/recording';
import { refusedLogin } from '../../support/recordings';

const folder = mkdtempSync(join(tmpdir(), 'handshake-save-large-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** More than the arguments that a call takes. */
const PACKETS = 200_000;

const source = join(folder, 'source.pcapng');
beforeAll(() => {
  const login = refusedLogin();
  const { time } = login.events[0];
  const bytes = Uint8Array.of(0);
  const more = Array.from(
    { length: PACKETS },
    (): RecordedEvent => ({ kind: 'bytes', time, from: 'client', bytes }),
  );
  const events = [...login.events.slice(0, -2), ...more, ...login.events.slice(-2)];
  writeFileSync(source, recordingsToPcapng([{ ...login, events }]));
}, 60_000);

describe(`saveTraces, a connection of ${PACKETS} packets`, () => {
  it.each([false, true])('redact %s', { timeout: 60_000 }, async (redact) => {
    const target = join(folder, 'target.pcapng');
    const saved = await saveTraces(source, target, { redact });
    // Redacted, it ends with the handshake.
    if (!redact) expect(saved).toBeGreaterThan(PACKETS);
    expect(packetsOf(target)).toBe(saved);
  });
});

function packetsOf(file: string): number {
  const reader = new CaptureReader({
    handlePacket: () => {},
    handleSecrets: () => {},
    handleIssue: () => {},
  });
  reader.push(readFileSync(file));
  reader.finish();
  expect(reader.issues).toEqual([]);
  return reader.packets;
}
