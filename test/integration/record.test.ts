/** Recording on loopback with the real dumpcap and tcpdump. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect as connectSocket, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { unprivilegedUser } from '../../scripts/toolchain/index.mjs';
import { onPath } from '../../scripts/toolchain/run.mjs';
import { record } from '../../src/cli/record';
import type { Problem } from '../../src/contract/values';
import { readCapture } from '../../src/files/read-capture';
import { saveTraces } from '../../src/files/save-traces';
import type { DecodeAs } from '../../src/inspect/known-servers';
import { type PostgresLab, startPostgresLab } from '../../src/lab/postgres-lab';
import { record as recordRequest } from '../../src/language/recording-requests';
import type { CaptureSession } from '../../src/language/session';
import { Sessions } from '../../src/language/sessions';
import type { ActiveRecording, RecordOptions } from '../../src/recorder/active-recording';
import { RecordError } from '../../src/recorder/problems';
import type { CaptureProgram } from '../../src/recorder/program';
import { listInterfaces, startRecording } from '../../src/recorder/recorder';
import { plainStep } from '../../src/trace/lazy-step';
import type { Trace } from '../../src/trace/model';
import { withKeysApart } from '../support/keys-apart';
import { recordable } from '../support/recordable';
import { tool } from '../support/toolchain';
import { run } from './support';

const may = await recordable();
const programs = 'programs' in may ? may.programs : [];
const tshark = await tool('tshark');
const folder = mkdtempSync(path.join(tmpdir(), 'handshake-record-'));
let lab: PostgresLab;
let files = 0;

beforeAll(async () => {
  lab = await startPostgresLab({ port: 0 });
});
afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
});

const nextFile = (ending = 'pcap') => path.join(folder, `${++files}.${ending}`);
const connect = (password = lab.accounts[0].password) =>
  run(`postgresql://app_user:${password}@127.0.0.1:${lab.port}/appdb?sslmode=disable`);

function options(parts: Partial<RecordOptions> = {}): RecordOptions {
  return {
    interface: 'lo',
    ports: [{ first: lab.port, last: lab.port }],
    file: nextFile(),
    limits: { bytes: 10_000_000, milliseconds: 30_000 },
    onTrace: () => {},
    ...parts,
  };
}

/** A program that is not one: a script. Its interfaces are `lo`; `body` is what it does when it records. */
function standIn(body: string, name: CaptureProgram['name'] = 'dumpcap'): CaptureProgram {
  const file = nextFile('sh');
  writeFileSync(file, `#!/bin/sh\nif [ "$1" = -D ]; then echo '1. lo (Loopback)'; exit 0; fi\n${body}\n`, {
    mode: 0o755,
  });
  return { name, path: file };
}

async function isOver(recording: ActiveRecording): Promise<boolean> {
  return Promise.race([
    recording.done.then(() => true),
    new Promise<boolean>((ok) => setTimeout(ok, 50, false)),
  ]);
}

/** What does not depend on the frames of other connections, nor on the place in the file. */
function essence({ id: _id, retryOf: _retryOf, ...trace }: Trace) {
  return { ...trace, steps: trace.steps.map(plainStep).map(({ frames: _frames, ...step }) => step) };
}

async function readsClean(file: string): Promise<void> {
  if ('skipped' in tshark) return;
  const { stdout, stderr } = await promisify(execFile)(tshark.path, [
    '-r',
    file,
    '-T',
    'fields',
    '-e',
    'frame.number',
  ]);
  expect(stdout.trim().split('\n').length).toBeGreaterThan(10);
  expect(stderr.replace(/^Running as user .*\n/m, '')).toBe('');
}

if ('skipped' in may) it.skip(`skipped: ${may.skipped}`, () => {});

describe.each(programs)('recording with $name', (program) => {
  const surroundings = { programs: [program] };

  it('lists loopback among the interfaces', async () => {
    const { interfaces } = await listInterfaces(surroundings);
    expect(interfaces.find(({ name }) => name === 'lo')).toMatchObject({ loopback: true });
  });

  it('gives a handshake while it still records, and what it kept reads back to the same', async () => {
    const found: Trace[] = [];
    const file = nextFile();
    const recording = await startRecording(
      options({ file, onTrace: (trace) => found.push(trace) }),
      surroundings,
    );
    await connect('wrong');
    await expect.poll(() => found.length).toBe(1);
    await connect();
    await expect.poll(() => found.length).toBe(2);
    expect(await isOver(recording)).toBe(false);
    expect(found.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['t1', 'failed'],
      ['t2', 'ready'],
    ]);
    expect(recording.state).toMatchObject({ interface: 'lo', program: program.name, traces: 2, open: 0 });
    recording.stop();
    expect(await recording.done).toEqual({
      reason: 'stopped',
      message: null,
      dropped: 0,
      keyLogProblem: null,
    });
    expect(statSync(file).size).toBe(recording.state.bytes);
    expect(statSync(file).mode & 0o077).toBe(0);
    await readsClean(file);
    const whole = await readCapture(file);
    expect(whole.damaged).toBe(false);
    expect(whole.document.capture.packets).toBe(recording.state.packets);
    expect(whole.document.traces).toEqual(found);

    const saved = nextFile('pcapng');
    await saveTraces(file, saved);
    await readsClean(saved);
    const again = await readCapture(saved);
    expect(again.document.traces.map(essence)).toEqual(found.map(essence));
  });

  it('counts a handshake that hangs, and gives it when it ends', async () => {
    const found: Trace[] = [];
    const recording = await startRecording(options({ onTrace: (trace) => found.push(trace) }), surroundings);
    const hanging = connectSocket(lab.port, '127.0.0.1').on('error', () => {});
    // An SSLRequest, and nothing more.
    hanging.write(Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47));
    await expect.poll(() => recording.state.open).toBe(1);
    expect(found).toEqual([]);
    hanging.destroy();
    await expect.poll(() => found.length).toBe(1);
    expect(recording.state.open).toBe(0);
    expect(found[0].ssl).toMatchObject({ requested: true, answer: 'S' });
    recording.stop();
    await recording.done;
  });

  it('ends by itself at its limits, and says at which', async () => {
    const short = await startRecording(
      options({ limits: { bytes: 10_000_000, milliseconds: 300 } }),
      surroundings,
    );
    expect(await short.done).toMatchObject({
      reason: 'time',
      message: expect.stringMatching(/limit of 0 s|limit of 1 s/),
    });
    const small = await startRecording(
      options({ limits: { bytes: 1_000, milliseconds: 30_000 } }),
      surroundings,
    );
    await connect();
    expect(await small.done).toMatchObject({ reason: 'size' });
    expect(small.state.bytes).toBeLessThan(100_000);
  });

  it('is killed midway: what came before is not lost, and its last words are told', async () => {
    const killed = standIn(
      `"${program.path}" "$@" & P=$!\nwhile [ ! -e "${folder}/kill" ]; do sleep 0.05; done\n` +
        `kill -9 $P\necho '${program.name}: the device went away' >&2\nexit 3`,
      program.name,
    );
    const found: Trace[] = [];
    const recordOptions = options({ onTrace: (trace) => found.push(trace) });
    const recording = await startRecording(recordOptions, { programs: [killed] });
    await connect();
    await expect.poll(() => found.length).toBe(1);
    writeFileSync(path.join(folder, 'kill'), '');
    try {
      expect(await recording.done).toMatchObject({
        reason: 'died',
        message: `${program.name} stopped recording lo by itself: the device went away`,
      });
    } finally {
      rmSync(path.join(folder, 'kill'));
    }
    expect((await readCapture(recordOptions.file as string)).document.traces.map(essence)).toEqual(
      found.map(essence),
    );
  });

  const user = unprivilegedUser();
  const setpriv = onPath('setpriv');
  const why = !user ? 'only root can become somebody else' : !setpriv ? 'there is no setpriv' : null;
  it.skipIf(why !== null)(
    `names the command where the user may not${why ? ` (skipped: ${why})` : ''}`,
    async () => {
      const drop = `exec ${setpriv} --reuid=${user?.uid} --regid=${user?.gid} --clear-groups "${program.path}" "$@"`;
      const denied = { name: program.name, path: standIn(drop, program.name).path };
      const machine = { platform: 'linux', root: false, distribution: ['debian'] } as const;
      const refused = options();
      const error = await startRecording(refused, { programs: [denied], machine }).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(RecordError);
      expect((error as RecordError).problem).toMatchObject({
        code: 'RECORD_NOT_ALLOWED',
        command: `sudo setcap cap_net_raw,cap_net_admin=eip ${denied.path}`,
      });
      expect(existsSync(refused.file as string)).toBe(false);
      // Another program that may is taken instead.
      const other = await startRecording(options(), { programs: [denied, program], machine });
      other.stop();
      expect(await other.done).toMatchObject({ reason: 'stopped' });
    },
  );
});

describe('a recording that goes wrong', () => {
  it('takes no interface that is none, whatever it means to the program', async () => {
    const program = standIn('exit 9');
    for (const name of ['-', 'TCP@127.0.0.1:1', 'rpcap://127.0.0.1/x', 'nosuch']) {
      await expect(
        startRecording(options({ interface: name }), { programs: [program] }),
      ).rejects.toMatchObject({
        problem: { code: 'RECORD_NO_INTERFACE' },
      });
    }
  });

  it('has no program', async () => {
    await expect(startRecording(options(), { programs: [] })).rejects.toMatchObject({
      problem: { code: 'RECORD_NO_PROGRAM' },
    });
  });

  it('gets something else than a capture', async () => {
    const program = standIn("echo 'listening on lo' >&2; echo 'this is no capture at all'; exec sleep 20");
    const recording = await startRecording(options(), { programs: [program] });
    expect(await recording.done).toMatchObject({
      reason: 'died',
      message: expect.stringMatching(/it wrote something else than a capture/),
    });
  });

  it('has a program that does not end when it is told to', async () => {
    const program = standIn("trap '' INT TERM; echo 'listening on lo' >&2; while :; do sleep 0.2; done");
    const recording = await startRecording(options(), { programs: [program] });
    recording.stop();
    expect(await recording.done).toMatchObject({ reason: 'stopped' });
  });

  it('does not overwrite a file', async () => {
    const file = nextFile();
    writeFileSync(file, 'mine');
    await expect(startRecording(options({ file }), { programs: [standIn('exit 1')] })).rejects.toThrow(
      /EEXIST/,
    );
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});

describe.skipIf(programs.length === 0)('a recording in the language server', () => {
  const news: string[] = [];
  let sessions: Sessions;
  afterEach(() => sessions.dispose());

  function serve(): Sessions {
    news.length = 0;
    sessions = new Sessions(
      {
        onProgress: () => {},
        onRecording: (_uri, { traces }) => news.push(`recording ${traces}`),
        onFinished: (_uri, session) => news.push(`finished ${session.traces.length}`),
        onFailed: (_uri, problem: Problem) => news.push(`failed ${problem.code}`),
        onStale: () => news.push('stale'),
        onClosed: () => news.push('closed'),
      },
      { lingerMs: 5, watchMs: 20 },
    );
    return sessions;
  }

  async function begin(keyLogFile: string | null = null) {
    const uri = `file://${nextFile()}`;
    const answer = await recordRequest(serve(), {
      uri,
      interface: 'lo',
      ports: `${lab.port}`,
      maxBytes: 1_000_000,
      maxMs: 30_000,
      keyLogFile,
    });
    expect(answer.problem).toBeNull();
    return { uri, session: sessions.find(uri) as CaptureSession };
  }

  it('is a session whose list fills, and which is a capture like any other when it is stopped', async () => {
    const { uri, session } = await begin();
    await connect('wrong');
    await expect.poll(() => session.page(0, 10).total).toBe(1);
    expect(session.state).toBe('reading');
    const [row] = session.page(0, 10).rows;
    const live = session.trace(row.id, false);
    expect(live?.error?.code).toBe('28P01');
    expect(session.rendered().text).toContain('28P01');
    const step = live!.steps.findIndex(({ message }) => message === 'ErrorResponse');
    expect((await session.bytes(row.id, step, false)).hex).toMatch(/^45/);
    expect(news).toContain('recording 1');

    // Neither another key log nor reading again ends it.
    sessions.open(uri, '/nowhere/keys.log');
    sessions.reload(uri);
    expect(sessions.find(uri)).toBe(session);
    expect(session.state).toBe('reading');

    sessions.stop(uri);
    await session.done;
    expect(news.at(-1)).toBe('finished 1');
    expect(session.state).toBe('finished');
    expect(session.renamed).toEqual({ [row.id]: 't1' });
    expect(session.trace(row.id, false)).toEqual({ ...live, id: 't1' });
    expect((await session.bytes(row.id, step, false)).hex).toMatch(/^45/);
    // The file grew while it was recorded: that is no change.
    expect(await session.changed()).toBe(false);
    sessions.close(uri);
    sessions.close(uri);
    await expect.poll(() => news.at(-1)).toBe('closed');
  });

  it('is stopped when nobody holds it any more', async () => {
    const { uri, session } = await begin();
    sessions.close(uri);
    await session.done;
    expect(sessions.find(uri)).toBeUndefined();
    // The program has ended: nothing is written any more.
    const { size } = statSync(new URL(uri));
    await connect();
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(statSync(new URL(uri)).size).toBe(size);
  });

  it('refuses ports that are none', async () => {
    const params = { uri: `file://${nextFile()}`, interface: 'lo', maxBytes: 1, maxMs: 1, keyLogFile: null };
    const { problem } = await recordRequest(serve(), { ...params, ports: 'x' });
    expect(problem?.code).toBe('RECORD_BAD_PORTS');
  });
});

describe('TLS keys that are written while it records', () => {
  it('open the session they belong to', async () => {
    const { classic, keys } = withKeysApart('pg18-tls-scram-keys.pcapng');
    const [capture, keyLogFile] = [nextFile(), nextFile('log')];
    writeFileSync(capture, classic);
    const keysToCome = nextFile('log');
    writeFileSync(keysToCome, keys);
    // The header alone, then the client's secrets, then the packets.
    const program = standIn(
      `head -c 24 "${capture}"; sleep 0.3; cat "${keysToCome}" >> "${keyLogFile}"; tail -c +25 "${capture}"; exec sleep 20`,
    );
    const found: Trace[] = [];
    const recordOptions = options({ keyLogFile, onTrace: (trace) => found.push(trace) });
    const recording = await startRecording(recordOptions, { programs: [program] });
    expect(existsSync(keyLogFile)).toBe(false);
    await expect.poll(() => found.length).toBeGreaterThan(0);
    expect(found[0]).toMatchObject({ outcome: 'ready', tls: { decrypted: true } });
    recording.stop();
    await recording.done;
  });
});

describe.skipIf(programs.length === 0)('record on the command line', () => {
  it('prints each handshake as it ends, and saves', async () => {
    const { status, out, err, target } = await recorded(lab.port, () => connect('wrong'));
    expect(status).toBe(0);
    expect(err).toMatch(/packets and 1 handshake in 4\.\d s/);
    const { document } = await readCapture(target);
    expect(document.traces.map(({ outcome }) => outcome)).toEqual(['failed']);
    expect(JSON.parse(out[0])).toMatchObject({ id: 't1', error: { code: '28P01' } });
  });

  it('takes the word of the user for what is spoken on a port, live and in what it saves', async () => {
    // It closes at once and says nothing, as a tunnel without a target does.
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const knock = async () => void (await once(connectSocket(port, '127.0.0.1').resume(), 'close'));
      const decodeAs = new Map([[port, 'mongodb' as const]]);
      const { out, target } = await recorded(port, knock, decodeAs);
      expect(JSON.parse(out[0])).toMatchObject({ protocol: 'mongodb', outcome: 'failed' });
      const { document } = await readCapture(target, { decodeAs });
      expect(document.traces.map(({ protocol }) => protocol)).toEqual(['mongodb']);
    } finally {
      server.close();
    }
  });

  /** Records four seconds of a port on loopback, in which `talk` makes one handshake. */
  async function recorded(port: number, talk: () => Promise<unknown>, decodeAs?: DecodeAs) {
    const [out, err]: [string[], string[]] = [[], []];
    const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text, done) => {
      out.push(String(text));
      if (typeof done === 'function') (done as () => void)();
      return true;
    });
    const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      err.push(String(text));
      return true;
    });
    const target = nextFile('pcapng');
    try {
      const done = record({
        interface: 'lo',
        ports: `${port}`,
        decodeAs,
        for: 4_000,
        save: target,
        limit: 10,
        format: 'ndjson',
        reveal: false,
      });
      await expect.poll(() => err.join('')).toMatch(/recording lo, port \d+, with (dumpcap|tcpdump)/);
      await talk();
      await expect.poll(() => out.length).toBe(1);
      return { status: await done, out, err: err.join(''), target };
    } finally {
      stdout.mockRestore();
      stderr.mockRestore();
    }
  }
});
