/** What we write, Wireshark's programs read without a complaint: exports of runs, saved handshakes, redacted ones. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCapture } from '../../src/files/read-capture';
import { saveTraces } from '../../src/files/save-traces';

const fixtures = join(__dirname, '../fixtures');
const present =
  spawnSync('tshark', ['--version'], { stdio: 'ignore' }).error === undefined &&
  spawnSync('capinfos', ['--version'], { stdio: 'ignore' }).error === undefined;

/** The fixtures themselves are exports of recordings. One of a kind: starting tshark for all would take long. */
const FILES = [
  'pg18-tls-scram-keys',
  'pg18-tls-scram',
  'pg18-direct-tls-keys',
  'pg18-wrong-password-prefer',
  'pg18-cleartext-password',
  'pg18-md5',
  'pg18-cancel',
  'pg18-ssl-off-require',
  'mongo-scram-sha-256',
  'mongo-tls-scram-keys',
  'mongo3-cr',
  'suites/tls12-ecdhe-rsa-aes256-sha384-mac-then-encrypt',
  'suites/tls12-aes256-gcm-sha384-pre-master',
  'suites/tls13-aes-128-ccm-8-sha256',
];

const FIELDS = [
  'frame.number',
  'tcp.checksum.status',
  'ip.checksum.status',
  '_ws.malformed',
  '_ws.expert.severity',
  'pgsql.type',
  'pgsql.length',
  'mongo.opcode',
  'mongo.message_length',
];
/** Expert information from here on is an error (PI_ERROR). */
const EXPERT_ERROR = 0x80_0000;

const execute = promisify(execFile);

/** What Wireshark says is wrong, and the messages of both protocols that it sees, sealed ones too if it could open them. */
async function look(file: string): Promise<{ wrong: string[]; messages: string[] }> {
  const check = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'];
  const fields = FIELDS.flatMap((field) => ['-e', field]);
  const [run, info] = await Promise.all([
    execute('tshark', ['-n', '-r', file, ...check, '-T', 'fields', ...fields]),
    execute('capinfos', ['-M', '-c', file]),
  ]);
  const wrong = `${run.stderr}${info.stderr}`
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.includes('Running as user'));
  const messages: string[] = [];
  for (const row of run.stdout.split('\n').slice(0, -1)) {
    const [frame, tcp, ip, malformed, severity, ...said] = row.split('\t');
    const isError = severity.split(',').some((value) => Number(value) >= EXPERT_ERROR);
    if (tcp.includes('0') || ip.includes('0') || malformed !== '' || isError)
      wrong.push(`frame ${frame}: ${row}`);
    if (said.some((field) => field !== '')) messages.push(said.join(' '));
  }
  return { wrong, messages };
}

describe.skipIf(!present)('tshark and capinfos', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'handshake-inspector-written-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(FILES)(
    'find nothing wrong with %s, nor with what is saved and redacted of it',
    async (name) => {
      const source = join(fixtures, `${name}.pcapng`);
      const target = (kind: string) => join(folder, `${kind}-${name.replaceAll('/', '-')}.pcapng`);
      await saveTraces(source, target('saved'));
      await saveTraces(source, target('redacted'), { redact: true });
      const [whole, saved, redacted] = await Promise.all(
        [source, target('saved'), target('redacted')].map((file) => look(file)),
      );
      expect(whole.wrong).toEqual([]);
      expect(saved).toEqual(whole);
      expect(redacted.wrong).toEqual([]);
      const { traces } = (await readCapture(source)).document;
      // One connection: what is redacted is its beginning.
      if (traces.length === 1)
        expect(redacted.messages).toEqual(whole.messages.slice(0, redacted.messages.length));
      expect(redacted.messages.length > 0).toBe(whole.messages.length > 0);
    },
    60_000,
  );
});

if (!present) it.skip('tshark and capinfos are not there', () => undefined);
