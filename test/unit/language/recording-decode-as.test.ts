import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { RequestHandler } from 'vscode-languageserver/node';
import { readCapture } from '../../../src/files/read-capture';
import { recordingsToPcapng } from '../../../src/inspect/export';
import { parseDecodeAs } from '../../../src/inspect/known-servers';
import { serveRequests } from '../../../src/language/requests';
import type { CaptureSession } from '../../../src/language/session';
import { Sessions } from '../../../src/language/sessions';
import type { Trace } from '../../../src/trace/model';
import { classicOf } from '../../support/keys-apart';
import { refusedLogin } from '../../support/recordings';

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

const [connect] = refusedLogin().events;
const refused = {
  ...refusedLogin(),
  server: { address: '127.0.0.1', port: 10_255 },
  events: [connect, { kind: 'close', time: connect.time + 1, from: 'server', how: 'rst' }],
} as const;
writeFileSync(capture, classicOf(recordingsToPcapng([refused])));
writeFileSync(program, SCRIPT, { mode: 0o755 });

const quiet = () => {};
const news = { onProgress: quiet, onFinished: quiet, onFailed: quiet, onRecording: quiet };
const sessions = new Sessions({ ...news, onStale: quiet, onClosed: quiet }, { lingerMs: 5 });
const handlers = new Map<string, RequestHandler<unknown, unknown, void>>();
serveRequests(
  { onRequest: (method, handler) => handlers.set(method, handler), onNotification: quiet },
  sessions,
);
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
  expect(await handlers.get('handshake/record')?.(params, {} as never)).toEqual({ problem: null });
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
