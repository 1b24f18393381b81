import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PcapngWriter } from '../../../src/capture/pcapng-writer';
import { CaptureReader } from '../../../src/capture/reader';
import { readCapture } from '../../../src/files/read-capture';
import { saveTraces } from '../../../src/files/save-traces';
import { recordingsToPcapng } from '../../../src/inspect/export';
import { redactRecordings } from '../../../src/inspect/redaction/redact-recordings';
import { traceRecordings } from '../../../src/inspect/trace-recording';
import { checksum, sum } from '../../../src/network/checksum';
import type { Field, Trace } from '../../../src/trace/model';
import { refusedLogin } from '../../support/recordings';

const fixtures = join(__dirname, '../../fixtures');
const files = readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.pcapng'),
);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'handshake-inspector-redact-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function tracesOf(path: string): Promise<readonly Trace[]> {
  return (await readCapture(path)).document.traces;
}

function allFields(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => [field, ...allFields(field.fields ?? [])]);
}

/** What redaction keeps: all that happened, and how long it was. */
function skeleton(trace: Trace) {
  return {
    protocol: trace.protocol,
    outcome: trace.outcome,
    error: trace.error?.code,
    mechanism: trace.auth.mechanism,
    auth: trace.auth.outcome,
    tls: trace.tls && {
      ...trace.tls,
      sni: trace.tls.sni?.length,
      certificates: trace.tls.certificates.length,
    },
    findings: trace.findings.map((finding) => finding.code).sort(),
    steps: trace.steps.map(({ message, from, layer, bytes, clientState, serverState, encrypted, time }) => ({
      message,
      from,
      layer,
      bytes,
      clientState,
      serverState,
      encrypted,
      time,
    })),
  };
}

/** Names, passwords and hosts of the recordings, and every secret value that the trace shows when asked. */
function secretsOf(traces: readonly Trace[]): string[] {
  const known = [
    'app_user',
    'md5_user',
    'clear_user',
    'trusted_user',
    'unlisted_user',
    'appdb',
    'no_such_database',
    'clear-password',
    'db.example.test',
    'example',
  ];
  const names = traces.flatMap(({ auth, tls }) => [
    auth.user ?? '',
    auth.database ?? '',
    tls?.sni ?? '',
    ...(tls?.certificates ?? []).flatMap(({ subject, names }) => [subject, ...names]),
  ]);
  const values = traces
    .flatMap((trace) => trace.steps)
    .flatMap((step) => allFields(step.fields))
    .filter((field) => field.secret && !field.fields)
    .map((field) => field.value);
  const kept = ['admin', 'localhost', 'CN=localhost', '127.0.0.1', '::1', 'test', '$external'];
  return [...new Set([...known, ...names, ...values])].filter(
    (value) => value.length > 3 && !kept.includes(value) && !/^0+$/.test(value),
  );
}

describe('a redacted capture', () => {
  it.each(files)('%s: the same steps, and no secret or name', async (name) => {
    const source = join(fixtures, name);
    const target = join(folder, name.replaceAll('/', '-'));
    await saveTraces(source, target, { redact: true });
    const [before, after] = [await tracesOf(source), await tracesOf(target)];
    expect(after.map(skeleton)).toEqual(before.map(skeleton));
    const said = JSON.stringify(after);
    const raw = readFileSync(target).toString('latin1');
    for (const secret of secretsOf(before)) {
      expect(said, secret).not.toContain(JSON.stringify(secret).slice(1, -1));
      expect(raw, secret).not.toContain(secret);
    }
    // The real TLS secrets are not in it, although what is inside can be read.
    const keys = readFileSync(source)
      .toString('latin1')
      .matchAll(/ ([0-9a-f]{64}|[0-9a-f]{96})\n/g);
    for (const [, key] of keys) expect(raw).not.toContain(key);
  });

  it('leaves what follows the handshake out', async () => {
    const source = join(fixtures, 'pg18-md5.pcapng');
    expect(readFileSync(source).toString('latin1')).toContain('SELECT 1');
    const target = join(folder, 'short.pcapng');
    await saveTraces(source, target, { redact: true });
    expect(readFileSync(target).toString('latin1')).not.toContain('SELECT 1');
    const [trace] = await tracesOf(target);
    expect((await readCapture(target)).document.capture.packets).toBe(
      trace.steps.findLast((s) => s.frames.length > 0)?.frames.at(-1),
    );
  });

  it('keeps what was equal equal: a name is replaced by the same letters everywhere', async () => {
    const target = join(folder, 'equal.pcapng');
    await saveTraces(join(fixtures, 'pg18-wrong-password-prefer.pcapng'), target, { redact: true });
    const [first, second] = await tracesOf(target);
    expect(first.auth.user).toMatch(/^([a-z])\1{7}$/);
    expect(second.auth).toMatchObject({ user: first.auth.user, database: first.auth.database });
    expect(first.error?.message).toContain(`"${first.auth.user}"`);
    expect(first.tls?.sni).toBe(first.tls?.certificates[0].names[0]);
    expect(second.retryOf).toBe('t1');
  });

  it('without the keys stays sealed, and its certificate and server name lose their names', async () => {
    const source = join(fixtures, 'pg18-tls-scram.pcapng');
    const target = join(folder, 'sealed.pcapng');
    await saveTraces(source, target, { redact: true });
    const [trace] = await tracesOf(target);
    expect(trace.outcome).toBe('encrypted');
    expect(trace.tls?.decrypted).toBe(false);
    expect(trace.tls?.sni).toMatch(/^[a-z]{2}\.[a-z]{7}\.test$/);
  });
});

describe('the packets of a redacted capture', () => {
  it('have right TCP checksums, also where the recorded ones were not filled in', async () => {
    const writer = new PcapngWriter();
    const source = new CaptureReader({
      handlePacket(packet) {
        const bytes = packet.buffer.slice(packet.start, packet.end);
        // Ethernet, IPv4 without options.
        bytes.fill(0, 14 + 20 + 16, 14 + 20 + 18);
        writer.addPacket(packet, bytes);
      },
    });
    source.push(new Uint8Array(readFileSync(join(fixtures, 'pg18-md5.pcapng'))));
    source.finish();
    const [path, target] = [join(folder, 'offloaded.pcapng'), join(folder, 'checked.pcapng')];
    writeFileSync(path, writer.toBytes());
    await saveTraces(path, target, { redact: true });
    let packets = 0;
    const reader = new CaptureReader({
      handlePacket({ buffer, start, end }) {
        packets++;
        const tcp = start + 34;
        const pseudo = sum(buffer, start + 26, start + 34) + 6 + (end - tcp);
        expect(checksum(pseudo + sum(buffer, tcp, end))).toBe(0);
      },
    });
    reader.push(new Uint8Array(readFileSync(target)));
    reader.finish();
    expect(packets).toBeGreaterThan(5);
  });
});

describe('a redacted recording', () => {
  it('is what its exported capture is', async () => {
    const original = [refusedLogin('correct horse'), refusedLogin('battery staple')];
    const redacted = redactRecordings(original, (length) => new Uint8Array(length).fill(7));
    const bytes = recordingsToPcapng(redacted);
    const path = join(folder, 'recording.pcapng');
    writeFileSync(path, bytes);
    const fromFile = await tracesOf(path);
    const before = traceRecordings(original).map(({ trace }) => trace);
    expect(fromFile.map((trace) => trace.steps.map((step) => [step.message, step.bytes]))).toEqual(
      before.map((trace) => trace.steps.map((step) => [step.message, step.bytes])),
    );
    const text = Buffer.from(bytes).toString('latin1');
    for (const word of ['correct horse', 'battery staple', 'app_user', 'appdb'])
      expect(text).not.toContain(word);
    expect(fromFile[0].error).toMatchObject({ code: '28P01' });
  });
});
