/**
 * A real login for each TLS cipher suite (`test/fixtures/suites`): what we decrypt is what Wireshark decrypts with the same keys, byte
 * for byte and message for message.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { concat, hex } from '../../src/base/bytes';
import type { Side } from '../../src/base/mark';
import { CaptureReader } from '../../src/capture/reader';
import { readCapture } from '../../src/files/read-capture';
import { TcpConnection } from '../../src/network/connection';
import { FlowTable } from '../../src/network/flow-table';
import { SegmentView } from '../../src/network/segment';
import { decodeSegment } from '../../src/network/tcp';
import { KeyLog } from '../../src/tls/keylog';
import { TlsSession } from '../../src/tls/session';
import { Observed } from '../unit/tls/observed';

const folder = join(__dirname, '../fixtures/suites');
const files = readdirSync(folder).filter((name) => name.endsWith('.pcapng'));
const missing = spawnSync('tshark', ['--version'], { stdio: 'ignore' }).error;

/** Bytes before TLS begins: SSLRequest, and its one-byte answer. */
const BEFORE_TLS: Record<Side, number> = { client: 8, server: 1 };

/** Decrypts the one connection of a file, without the observers. */
function decrypted(file: string): Record<Side, string> {
  const observed = new Observed();
  const keyLog = new KeyLog();
  const tls = new TlsSession(observed, { keyLog });
  const skip = { ...BEFORE_TLS };
  const side = (direction: 0 | 1): Side => (direction === 0 ? 'client' : 'server');
  const connection = new TcpConnection({
    onOpen: () => undefined,
    onClose: () => undefined,
    onGap: () => expect.fail('the file has a gap'),
    onBytes(direction, bytes, mark) {
      const from = side(direction);
      const rest = bytes.subarray(Math.min(skip[from], bytes.length));
      skip[from] -= bytes.length - rest.length;
      if (rest.length > 0) tls.handleBytes(from, rest, mark);
    },
  });
  const [table, segment] = [new FlowTable(), new SegmentView()];
  const reader = new CaptureReader({
    handlePacket(packet) {
      if (!decodeSegment(packet, segment)) return;
      table.lookup(segment);
      connection.handleSegment(table.direction, segment, { ...packet });
    },
    handleSecrets: (text) => void keyLog.add(text),
  });
  reader.push(new Uint8Array(readFileSync(file)));
  reader.finish();
  return {
    client: hex(concat(...observed.plaintext.client)),
    server: hex(concat(...observed.plaintext.server)),
  };
}

/** The same by Wireshark: its "Follow TLS Stream", where a tab begins the lines of the side that was not the first to be decrypted. */
function followed(file: string): Record<Side, string> {
  const run = spawnSync('tshark', ['-n', '-r', file, '-q', '-z', 'follow,tls,raw,0'], { encoding: 'utf8' });
  const serverFirst = /^Node 0: .*:5432$/m.test(run.stdout);
  const lines = run.stdout.split('\n').filter((line) => /^\t?[0-9a-f]+$/.test(line));
  const of = (tab: boolean) =>
    lines
      .filter((line) => line.startsWith('\t') === tab)
      .join('')
      .replaceAll('\t', '');
  return { client: of(serverFirst), server: of(!serverFirst) };
}

/** Wireshark's words for PostgreSQL's message names. */
const WORDS: Readonly<Record<string, string>> = {
  SSLRequest: 'SSL request',
  StartupMessage: 'Startup message',
  SASLInitialResponse: 'SASLInitialResponse message',
  SASLResponse: 'SASLResponse message',
  ParameterStatus: 'Parameter status',
  BackendKeyData: 'Backend key data',
  ReadyForQuery: 'Ready for query',
};

/** Messages without a type byte before their length. */
const UNTYPED = new Set(['SSLRequest', 'StartupMessage']);

/** Frame, type and length of every PostgreSQL message that Wireshark sees. */
function theirMessages(file: string): string[] {
  const fields = ['frame.number', 'pgsql.type', 'pgsql.length'].flatMap((field) => ['-e', field]);
  const run = spawnSync('tshark', ['-n', '-r', file, '-Y', 'pgsql', '-T', 'fields', ...fields], {
    encoding: 'utf8',
  });
  return run.stdout
    .split('\n')
    .slice(0, -1)
    .flatMap((row) => {
      const [frame, types, lengths] = row.split('\t');
      const sizes = lengths.split(',');
      // The one-byte answer to SSLRequest has no length.
      return types === ''
        ? []
        : types.split(',').map((type, i) => `${frame} ${type} ${sizes[i] ?? ''}`.trim());
    });
}

async function ourMessages(file: string): Promise<string[]> {
  const [trace] = (await readCapture(file)).document.traces;
  return trace.steps
    .filter((step) => step.layer === 'postgres' && !step.message.startsWith('SSLResponse'))
    .map((step) => {
      const type = step.message.startsWith('Authentication') ? 'Authentication request' : WORDS[step.message];
      return `${step.frames.at(-1)} ${type} ${step.bytes - (UNTYPED.has(step.message) ? 0 : 1)}`;
    });
}

describe('cipher suites', () => {
  it.skipIf(missing)('are at least 12, of TLS 1.2 and 1.3, and of every kind that is opened', async () => {
    const ciphers = new Set<string>();
    for (const name of files) {
      const { tls } = (await readCapture(join(folder, name))).document.traces[0];
      expect(tls?.decrypted).toBe(true);
      ciphers.add(String(tls?.cipher));
    }
    expect(ciphers.size).toBeGreaterThanOrEqual(12);
    const all = [...ciphers].join(' ');
    for (const kind of [
      'GCM',
      'CBC_SHA ',
      'CBC_SHA256',
      'CBC_SHA384',
      'CCM ',
      'CCM_8',
      'CHACHA20',
      'TLS_RSA',
      'DHE_RSA',
    ]) {
      expect(`${all} `).toContain(kind);
    }
  });

  it.skipIf(missing).each(files)('%s', async (name) => {
    const file = join(folder, name);
    const mine = decrypted(file);
    expect(mine).toEqual(followed(file));
    expect(mine.server.length).toBeGreaterThan(1000);
    const messages = await ourMessages(file);
    // A trace ends with the first ReadyForQuery; the conversation goes on.
    expect(messages.at(-1)).toContain('Ready for query');
    expect(messages).toEqual(theirMessages(file).slice(0, messages.length));
    agreed.push(name);
  });

  const agreed: string[] = [];
  afterAll(() => {
    const count = missing
      ? 'not compared: tshark is not there'
      : `${agreed.length} of ${files.length} recordings agree with tshark`;
    process.stderr.write(`cipher suites: ${count}\n`);
  });
});
