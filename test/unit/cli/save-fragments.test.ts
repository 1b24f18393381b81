/** Saving connections whose packets came in IP fragments, in tunnels, and both. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PcapngWriter } from '../../../src/capture/pcapng-writer';
import { CaptureReader } from '../../../src/capture/reader';
import { readCapture } from '../../../src/files/read-capture';
import { saveTraces } from '../../../src/files/save-traces';
import type { Trace } from '../../../src/trace/model';
import { ENCAPSULATIONS, fragmentsOf, fragmentsOf6, ipv4 } from '../network/encapsulations';
import { ipOf } from '../network/packets';

const source = join(__dirname, '../../fixtures/pg18-wrong-password-prefer.pcapng');
const RAW = 101;
const vxlan = ENCAPSULATIONS.find(({ name }) => name === 'VXLAN');
const PIECE = 64;

/** What becomes of one Ethernet packet. */
const SHAPES: readonly { name: string; linkType: number; make: (ethernet: Uint8Array) => Uint8Array[] }[] = [
  { name: 'IPv4 fragments', linkType: RAW, make: (ethernet) => fragmentsOf(ethernet.subarray(14), PIECE) },
  {
    name: 'IPv4 fragments, the last first',
    linkType: RAW,
    make: (ethernet) => fragmentsOf(ethernet.subarray(14), PIECE).reverse(),
  },
  {
    name: 'fragments of a VXLAN packet',
    linkType: RAW,
    make: (ethernet) => fragmentsOf(wrapVxlan(ethernet), PIECE),
  },
  {
    name: 'fragments inside IP-in-IP, each in fragments again',
    linkType: RAW,
    make: (ethernet) =>
      fragmentsOf(ethernet.subarray(14), 2 * PIECE).flatMap((inner) => fragmentsOf(ipv4(4, inner), PIECE)),
  },
  { name: 'VXLAN, whole', linkType: RAW, make: (ethernet) => [wrapVxlan(ethernet)] },
];

function wrapVxlan(ethernet: Uint8Array): Uint8Array {
  if (!vxlan) throw new Error('VXLAN is not in the table');
  return vxlan.wrap({ ethernet, ip: ethernet.subarray(14) });
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'handshake-inspector-fragments-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The fixture with every packet in another shape, and a foreign packet in fragments between. */
function reshaped(make: (ethernet: Uint8Array) => Uint8Array[], linkType: number): Uint8Array {
  const writer = new PcapngWriter({ linkType });
  const foreign = ipv4(6, new Uint8Array(200).fill(9));
  const reader = new CaptureReader({
    handleSecrets: (text) => writer.addSecrets(text.slice()),
    handlePacket(packet) {
      const { seconds, nanos } = packet;
      const [first, ...others] = fragmentsOf(foreign, PIECE);
      writer.addPacket({ seconds, nanos }, first);
      for (const bytes of make(packet.buffer.slice(packet.start, packet.end))) {
        writer.addPacket({ seconds, nanos }, bytes);
      }
      for (const bytes of others) writer.addPacket({ seconds, nanos }, bytes);
    },
  });
  reader.push(new Uint8Array(readFileSync(source)));
  reader.finish();
  return writer.toBytes();
}

const shape = (traces: readonly Trace[]) =>
  traces.map(({ outcome, auth, steps }) => ({
    outcome,
    mechanism: auth.mechanism,
    steps: steps.map((step) => [step.message, step.bytes]),
  }));

/** The times of a file's packets in its order, each as often as `count` says. */
function timesOf(path: string, count: (packet: Uint8Array) => number = () => 1): string[] {
  const times: string[] = [];
  const reader = new CaptureReader({
    handlePacket({ seconds, nanos, buffer, start, end }) {
      for (let i = count(buffer.slice(start, end)); i > 0; i--) times.push(`${seconds}.${nanos}`);
    },
  });
  reader.push(new Uint8Array(readFileSync(path)));
  reader.finish();
  return times;
}

describe.each(SHAPES)('$name', ({ name, make, linkType }) => {
  const file = (kind: string) => join(folder, `${name.replaceAll(/\W+/g, '-')}-${kind}.pcapng`);

  it('are saved with all their packets and none of others, in order', async () => {
    writeFileSync(file('original'), reshaped(make, linkType));
    await saveTraces(file('original'), file('saved'));
    const [before, after] = [await readCapture(file('original')), await readCapture(file('saved'))];
    expect(before.document.traces.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(shape(after.document.traces)).toEqual(shape(before.document.traces));
    expect(after.document.capture.issues).toEqual([]);
    expect(timesOf(file('saved'))).toEqual(timesOf(source, (packet) => make(packet).length));
  });

  it('are redacted, too', async () => {
    writeFileSync(file('again'), reshaped(make, linkType));
    await saveTraces(file('again'), file('redacted'), { redact: true });
    const [before, after] = [await readCapture(file('again')), await readCapture(file('redacted'))];
    expect(shape(after.document.traces)).toEqual(shape(before.document.traces));
    expect(after.document.traces[0].auth.user).not.toBe('app_user');
    expect(readFileSync(file('redacted')).toString('latin1')).not.toContain('app_user');
  });
});

it('keeps IPv6 fragments, too', async () => {
  const writer = new PcapngWriter({ linkType: RAW });
  const startup = new TextEncoder().encode(
    `\0\0\0\x60\0\x03\0\0user\0${'u'.repeat(40)}\0database\0appdb\0application_name\0${'p'.repeat(4)}\0\0`,
  );
  startup[3] = startup.length;
  const ip = ipOf({
    source: { address: '2001:db8::1', port: 50_000 },
    destination: { address: '2001:db8::2', port: 5432 },
    payload: startup,
  });
  for (const piece of fragmentsOf6(ip, PIECE)) writer.addPacket({ seconds: 1, nanos: 0 }, piece);
  const [original, saved] = [join(folder, 'six.pcapng'), join(folder, 'six-saved.pcapng')];
  writeFileSync(original, writer.toBytes());
  expect(await saveTraces(original, saved)).toBe(fragmentsOf6(ip, PIECE).length);
  const [trace] = (await readCapture(saved)).document.traces;
  expect(trace.auth.user).toBe('u'.repeat(40));
});
