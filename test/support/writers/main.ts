/** One of the program's writers, as it runs, for test/fuzz/survival.test.ts: `WRITER TARGET CAPTURE`. */
import { pathToFileURL } from 'node:url';
import { connect } from '../../../src/cli/connect';
import { decode } from '../../../src/cli/decode';
import { lab } from '../../../src/cli/lab';
import { record } from '../../../src/cli/record';
import { exportRun } from '../../../src/extension/export-run';
import type { Run } from '../../../src/extension/runs';
import { openUserStore } from '../../../src/lab/user-file';
import { refusedLogin } from '../recordings';
import { askOf, quietSessions } from '../sessions';

async function saveInEditor(capture: string, target: string, form: string): Promise<unknown> {
  const sessions = quietSessions();
  const ask = askOf(sessions);
  const uri = pathToFileURL(capture).toString();
  await sessions.open(uri, null).done;
  try {
    const answer = await ask('handshake/save', { uri, target, form, id: null });
    // What the extension is answered.
    if (answer instanceof Error) throw answer;
    return answer;
  } finally {
    sessions.dispose();
  }
}

/** Nobody listens there: a run of two packets. */
const NOWHERE = 'postgresql://app_user:x@127.0.0.1:1/appdb?sslmode=disable';
const shown = { format: 'text', reveal: false } as const;

const WRITERS: Readonly<Record<string, (target: string, capture: string) => unknown>> = {
  'decode --save': (target, capture) =>
    decode([capture], { ...shown, format: 'list', save: target, version: '0' }),
  'decode --save --redact': (target, capture) =>
    decode([capture], { ...shown, format: 'list', save: target, redact: true, version: '0' }),
  'connect --save': (target) => connect(NOWHERE, { ...shown, timeout: 5, save: target }),
  'connect --matrix --save': (target) =>
    connect(NOWHERE, { ...shown, timeout: 5, matrix: true, save: target }),
  'record --save': (target) => record({ ...shown, ports: '5432', limit: 1, save: target }),
  'editor, handshakes': (target, capture) => saveInEditor(capture, target, 'handshakes'),
  'editor, redacted': (target, capture) => saveInEditor(capture, target, 'redacted'),
  'editor, everything': (target, capture) => saveInEditor(capture, target, 'everything'),
  'editor, a run': (target) => {
    Object.assign(globalThis, { chosenTarget: target });
    return exportRun({ hostName: 'host', number: 1, recordings: [refusedLogin()] } as unknown as Run);
  },
  'users of the lab': (target) => openUserStore(target).createExternalUser('CN=another'),
  'certificates of the lab': (target) => {
    const write = process.stderr.write.bind(process.stderr) as (text: string) => boolean;
    process.stderr.write = (text: string | Uint8Array) => {
      if (String(text).startsWith('Listening')) setImmediate(() => process.kill(process.pid, 'SIGINT'));
      return write(String(text));
    };
    return lab('postgres', { port: 0, format: 'json', certificates: target });
  },
};

const [name, target, capture] = process.argv.slice(2);
Promise.resolve(WRITERS[name](target, capture)).then(
  (status) => {
    if (typeof status === 'number') process.exitCode = status;
  },
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  },
);
