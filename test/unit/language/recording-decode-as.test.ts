import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { readCapture } from '../../../src/files/read-capture';
import { recordingsToPcapng } from '../../../src/inspect/export';
import { parseDecodeAs } from '../../../src/inspect/known-servers';
import type { CaptureSession } from '../../../src/language/session';
import type { Trace } from '../../../src/trace/model';
import { classicOf } from '../../support/keys-apart';
import { resetAtOnce } from '../../support/recordings';
import { askOf, quietSessions } from '../../support/sessions';

const folder = mkdtempSync(join(tmpdir(), 'handshake-recording-decode-as-'));
const capture = join(folder, 'refused.pcap');
const program = join(folder, 'dumpcap');

// The recording program of this machine is a script that says what it "recorded" and then waits.
vi.mock('../../../src/recorder/program', async (original) => ({
  ...(await original<typeof import('../../../src/recorder/program')>()),
  findPrograms: () => [{ name: 'dumpcap', path: program }],
}));
const SCRIPT = `#!/bin/sh
if [ "$1" = -D ]; then echo '1. lo (Loopback)'; exit 0; fi
echo 'File: -' >&2; cat "${capture}"; exec sleep 60
`;

writeFileSync(capture, classicOf(recordingsToPcapng([resetAtOnce(10_255)])));
writeFileSync(program, SCRIPT, { mode: 0o755 });

const sessions = quietSessions({ lingerMs: 5 });
const ask = askOf(sessions);
afterAll(() => {
  sessions.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const shown = ({ protocol, outcome, diagnosis, steps }: Trace) => ({
  protocol,
  outcome,
  code: diagnosis.code,
  steps: steps.map(({ message, summary }) => [message, summary]),
});

let recordings = 0;
/** Records with a setting, until all packets are there; what is shown then, and after the end. */
async function recorded(decodeAs: readonly string[]) {
  const file = join(folder, `recorded-${++recordings}.pcap`);
  const uri = pathToFileURL(file).toString();
  const limits = { maxBytes: 1_000_000, maxMs: 60_000 };
  const params = { uri, interface: 'lo', ports: '10255', ...limits, keyLogFile: null, decodeAs };
  expect(await ask('handshake/record', params)).toEqual({ problem: null });
  const session = sessions.find(uri) as CaptureSession;
  await vi.waitFor(() => expect(session.progress.packets).toBe(2), { timeout: 20_000 });
  const live = session.traces.map(shown);
  sessions.stop(uri);
  await session.done;
  const ended = { traces: session.traces.map(shown), issues: session.document?.capture?.issues };
  sessions.close(uri);
  return { live, ended };
}

describe('a recording with the setting decodeAs', () => {
  it('shows what a decode with it shows, while it runs and when it has ended', async () => {
    const decodeAs = ['10255=mongodb'];
    const ports = parseDecodeAs(decodeAs) as ReadonlyMap<number, 'mongodb'>;
    const decoded = (await readCapture(capture, { decodeAs: ports })).document.traces.map(shown);
    expect(decoded).toMatchObject([{ protocol: 'mongodb', outcome: 'failed' }]);
    const { live, ended } = await recorded(decodeAs);
    expect(live).toEqual(decoded);
    expect(ended).toEqual({ traces: decoded, issues: [] });
  });

  it('shows nothing of the port without it', async () => {
    expect(await recorded([])).toEqual({ live: [], ended: { traces: [], issues: [] } });
  });

  it('says that the setting makes no sense, as a capture does', async () => {
    const { ended } = await recorded(['10255=mysql']);
    expect(ended.issues).toMatchObject([{ code: 'SETTING_DECODE_AS' }]);
  });
});
