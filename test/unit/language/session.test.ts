import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fromHex, utf8 } from '../../../src/base/bytes';
import type { Problem, Progress } from '../../../src/contract/values';
import { recordingsToPcapng } from '../../../src/inspect/export';
import { serveRequests } from '../../../src/language/requests';
import { CaptureSession } from '../../../src/language/session';
import { Sessions } from '../../../src/language/sessions';
import { MASK } from '../../../src/trace/redact';
import { withKeysApart } from '../../support/keys-apart';
import { refusedLogin, resetAtOnce } from '../../support/recordings';
import { quietSessions } from '../../support/sessions';

const folder = mkdtempSync(join(tmpdir(), 'handshake-session-'));
const capture = recordingsToPcapng([refusedLogin(), refusedLogin('battery staple')]);

function file(name: string, contents: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}

/** A session that was read to its end, with what it told. */
async function read(path: string, keyLogFile: string | null = null) {
  const told: { progress: Progress[]; finished: number; problem: Problem | null } = {
    progress: [],
    finished: 0,
    problem: null,
  };
  const session = new CaptureSession(
    path,
    { keyLogFile, progressEveryMs: 0 },
    {
      onProgress: (progress) => told.progress.push(progress),
      onFinished: () => told.finished++,
      onFailed: (problem) => {
        told.problem = problem;
      },
    },
  );
  await session.done;
  return { session, told };
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what is spoken on a port', () => {
  const path = file('refused.pcapng', recordingsToPcapng([resetAtOnce(10_255)]));
  const sessions = quietSessions();
  const uri = pathToFileURL(path).toString();
  const reads = async (decodeAs: readonly string[]) => {
    sessions.decodeAs = decodeAs;
    const session = sessions.open(uri, null);
    await session.done;
    return session;
  };
  afterAll(() => sessions.dispose());

  it('is what the setting says, and a capture that is open is read again when it changes', async () => {
    expect((await reads([])).traces).toEqual([]);
    const session = await reads(['10255=mongodb']);
    expect(session.traces.map(({ protocol, outcome }) => [protocol, outcome])).toEqual([
      ['mongodb', 'failed'],
    ]);
    expect(await reads(['10255=mongodb'])).toBe(session);
  });

  it('is what the bytes say where the setting makes no sense, which is told', async () => {
    const { traces, document } = await reads(['10255=mysql']);
    expect(traces).toEqual([]);
    expect(document?.capture?.issues).toMatchObject([
      { code: 'SETTING_DECODE_AS', message: expect.stringMatching(/mysql.*handshakeInspector\.decodeAs/) },
    ]);
  });
});

describe('CaptureSession', () => {
  it('reads a capture: rows by page, progress, then the end', async () => {
    const { session, told } = await read(file('two.pcapng', capture));
    expect(session.state).toBe('finished');
    expect(told.finished).toBe(1);
    expect(told.progress.at(-1)).toMatchObject({ bytes: capture.length, totalBytes: capture.length });
    expect(session.page(0, 500)).toMatchObject({ total: 2, complete: true });
    const [second] = session.page(1, 1).rows;
    expect(second).toMatchObject({
      protocol: 'postgres',
      outcome: 'failed',
      user: 'app_user',
      mechanism: 'password',
    });
    expect(session.page(2, 10).rows).toEqual([]);
    expect(session.document?.capture).toMatchObject({ file: 'two.pcapng', format: 'pcapng' });
  });

  it('reads it compressed, too', async () => {
    const { session } = await read(file('two.pcapng.gz', gzipSync(capture)));
    expect(session.page(0, 10).total).toBe(2);
  });

  it('hides secrets in traces, text and bytes unless they are asked for', async () => {
    const { session } = await read(file('secret.pcapng', capture));
    const [row] = session.page(0, 1).rows;
    const hidden = session.trace(row.id, false);
    expect(JSON.stringify(hidden)).not.toContain('correct horse');
    expect(JSON.stringify(hidden)).toContain(MASK);
    expect(JSON.stringify(session.trace(row.id, true))).toContain('correct horse');
    expect(session.rendered().text).not.toContain('correct horse');

    const index =
      hidden?.steps.findIndex((step) => step.message.includes('Password') && step.from === 'client') ?? -1;
    expect(index).toBeGreaterThanOrEqual(0);
    const shown = await session.bytes(row.id, index, true);
    expect(utf8(fromHex(shown.hex) as Uint8Array)).toContain('correct horse');
    const masked = await session.bytes(row.id, index, false);
    expect(masked.masked.length).toBeGreaterThan(0);
    expect(masked.total).toBe(shown.total);
    expect(masked.hex).toHaveLength(shown.hex.length);
    expect(utf8(fromHex(masked.hex) as Uint8Array)).not.toContain('correct');
  });

  it('answers in words where there are no bytes', async () => {
    const { session } = await read(file('notes.pcapng', capture));
    expect((await session.bytes('t99', 0, false)).note).toMatch(/no such step/);
    expect((await session.bytes('t1', 999, false)).note).toMatch(/no such step/);
    expect(session.trace('t99', false)).toBeNull();
  });

  it('does not show bytes of a file that has changed', async () => {
    const path = file('changed.pcapng', capture);
    const { session } = await read(path);
    expect(await session.changed()).toBe(false);
    const withBytes = session.trace('t1', false)?.steps.findIndex((step) => step.bytes > 0) ?? 0;
    writeFileSync(path, recordingsToPcapng([refusedLogin()]));
    expect(await session.changed()).toBe(true);
    expect((await session.bytes('t1', withBytes, false)).note).toMatch(/changed/);
  });

  it.each([
    ['nothing.pcap', '', 'CAPTURE_EMPTY'],
    ['text.pcap', 'this is no capture at all, only text', null],
    ['page.pcapng', '<html></html>', null],
  ])('says what is wrong with %s, and what to do', async (name, contents, problemCode) => {
    const { session, told } = await read(file(name, contents));
    expect(session.state).toBe('failed');
    expect(told.finished).toBe(0);
    expect(told.problem?.message).toContain(name);
    expect(told.problem?.next).not.toBe('');
    if (problemCode) expect(told.problem?.code).toBe(problemCode);
  });

  it('says when there is no file', async () => {
    expect((await read(join(folder, 'absent.pcap'))).told.problem?.code).toBe('ENOENT');
  });

  it.each([
    ['not-yet.keys', undefined, 'KEYLOG_MISSING'],
    ['empty.keys', '# nothing\n', 'KEYLOG_EMPTY'],
  ])('reads a capture without a key log that cannot be used: %s', async (name, contents, code) => {
    const keyLogFile = join(folder, name);
    if (contents !== undefined) file(name, contents);
    const { session, told } = await read(file('k.pcapng', capture), keyLogFile);
    expect(told.problem).toBeNull();
    expect(session.page(0, 10).total).toBe(2);
    const [issue, ...others] = session.document?.capture?.issues ?? [];
    expect(others).toEqual([]);
    expect(issue.code).toBe(code);
    expect(issue.message).toContain(`The TLS key log ${keyLogFile} `);
    expect(issue.message).toMatch(/TLS stays closed\..*handshakeInspector\.keyLogFile.*Read again/);
    const { text } = session.rendered();
    expect(text).toContain(`  warning ${code}: `);
    expect(text).not.toContain('damage');
  });

  it('shows bytes by the steps that were read, although the key log is there by then', async () => {
    const { classic, keys } = withKeysApart('pg18-tls-scram-keys.pcapng');
    const path = file('closed.pcap', classic);
    const keyLogFile = join(folder, 'later.keys');
    const { session } = await read(path, keyLogFile);
    const closed = session.trace('t1', true);
    expect(closed?.tls?.decrypted).toBe(false);
    file('later.keys', keys);
    const bytes = [];
    for (const index of closed?.steps.keys() ?? []) bytes.push(await session.bytes('t1', index, true));
    const without = (await read(path)).session;
    for (const [index, each] of bytes.entries()) expect(each).toEqual(await without.bytes('t1', index, true));
    expect((await read(path, keyLogFile)).session.trace('t1', true)?.tls?.decrypted).toBe(true);
  });

  it('keeps what was found when it is cancelled', async () => {
    const path = file('cancel.pcapng', capture);
    let finished = 0;
    const session = new CaptureSession(
      path,
      { keyLogFile: null },
      { onProgress: () => {}, onFinished: () => finished++, onFailed: () => {} },
    );
    session.cancel();
    await session.done;
    expect(session.state).toBe('cancelled');
    expect(finished).toBe(1);
    expect(session.page(0, 10).complete).toBe(true);
  });

  it('tells nobody once it is closed', async () => {
    const told: string[] = [];
    const session = new CaptureSession(
      file('closed.pcapng', capture),
      { keyLogFile: null },
      {
        onProgress: () => told.push('progress'),
        onFinished: () => told.push('finished'),
        onFailed: () => told.push('failed'),
      },
    );
    session.dispose();
    await session.done;
    expect(told).toEqual([]);
  });
});

describe('Sessions', () => {
  const news: string[] = [];
  let sessions: Sessions;
  beforeAll(() => {
    sessions = new Sessions(
      {
        onProgress: () => {},
        onFinished: (uri, session) => news.push(`finished ${session.traces.length} ${uri.split('/').at(-1)}`),
        onFailed: (uri, problem) => news.push(`failed ${problem.code} ${uri.split('/').at(-1)}`),
        onStale: (_uri, problem) => news.push(`stale ${problem.code}`),
        onRecording: () => {},
        onClosed: (uri) => news.push(`closed ${uri.split('/').at(-1)}`),
      },
      { lingerMs: 5, watchMs: 20 },
    );
  });
  afterAll(() => sessions.dispose());

  it('reads once for all who look, and closes when the last has gone', async () => {
    const uri = pathToFileURL(file('shared.pcapng', capture)).toString();
    const first = sessions.open(uri);
    expect(sessions.open(uri)).toBe(first);
    await first.done;
    expect(news.splice(0)).toEqual(['finished 2 shared.pcapng']);
    sessions.open(uri);
    await vi.waitFor(() => expect(news.splice(0)).toEqual(['finished 2 shared.pcapng']));
    sessions.close(uri);
    sessions.close(uri);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(sessions.size).toBe(1);
    sessions.close(uri);
    await vi.waitFor(() => expect(news.splice(0)).toEqual(['closed shared.pcapng']));
    expect(sessions.size).toBe(0);
  });

  it('notices that the file has changed or is gone, and reads it again when told to', async () => {
    const path = file('watched.pcapng', capture);
    const uri = pathToFileURL(path).toString();
    await sessions.open(uri).done;
    writeFileSync(path, recordingsToPcapng([refusedLogin()]));
    await vi.waitFor(() => expect(news).toContain('stale FILE_CHANGED'), { timeout: 5000 });
    sessions.reload(uri);
    await sessions.find(uri)?.done;
    expect(news).toContain('finished 1 watched.pcapng');
    rmSync(path);
    await vi.waitFor(() => expect(news).toContain('stale FILE_GONE'), { timeout: 5000 });
    sessions.reload(uri);
    await sessions.find(uri)?.done;
    expect(news).toContain('failed ENOENT watched.pcapng');
    sessions.close(uri);
  });

  it('refuses what is not a file on disk', () => {
    expect(() => sessions.open('vscode-vfs://github/x.pcap')).toThrow(/not a file on disk/);
    expect(() => sessions.open('run:3')).toThrow(/not a file on disk/);
  });

  it('serves its requests, and refuses values that are not right', async () => {
    const handlers = new Map<string, (params: unknown) => unknown>();
    const collect = (method: string, handler: unknown) =>
      handlers.set(method, handler as (params: unknown) => unknown);
    serveRequests({ onRequest: collect, onNotification: collect }, sessions);
    const ask = async (method: string, params: unknown) => handlers.get(method)?.(params);
    const uri = pathToFileURL(file('asked.pcapng', capture)).toString();

    expect(await ask('handshake/page', { uri, offset: 0, limit: 10 })).toMatchObject({
      message: expect.stringMatching(/not open/),
    });
    expect(await ask('handshake/open', { uri, keyLogFile: null })).toEqual({ state: 'reading' });
    const text = (await ask('handshake/text', { uri })) as {
      text: string;
      lines: { id: string; step: number | null }[];
    };
    expect(text.text).toContain('28P01');
    expect(text.lines.filter((line) => line.step === null).map((line) => line.id)).toEqual(['t1', 't2']);
    expect(await ask('handshake/page', { uri, offset: 0, limit: 1 })).toMatchObject({ total: 2 });
    expect(await ask('handshake/trace', { uri, id: 't1', reveal: false })).toMatchObject({
      trace: { id: 't1' },
    });
    expect(await ask('handshake/page', { uri, offset: 0, limit: 1e9 })).toHaveProperty('code');
    expect(await ask('handshake/bytes', { uri, id: 't1', step: -1, reveal: true })).toHaveProperty('code');
    handlers.get('handshake/close')?.({ uri: 7 });
    handlers.get('handshake/close')?.({ uri });
    await vi.waitFor(() => expect(sessions.find(uri)).toBeUndefined());
  });
});
