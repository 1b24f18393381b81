// Run by `npm run bench -- redaction`. How long it takes to save a redacted copy of many logins, each of which has its own names.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concat, utf8Bytes } from '../../src/base/bytes';
import { PcapngWriter } from '../../src/capture/pcapng-writer';
import { saveTraces } from '../../src/files/save-traces';
import { buildPacket } from '../../src/network/packet-builder';
import { ACK, FIN, PSH, SYN } from '../../src/network/segment';

/** Logins, and the seconds that they may take; fewer before them show whether the time grows with their number. */
const SIZES = [10_000, 100_000] as const;
const TARGET_SECONDS = 20;

const zero = (...texts: string[]) => utf8Bytes(texts.map((text) => `${text}\0`).join(''));

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value);
  return bytes;
}

function message(type: string, ...body: Uint8Array[]): Uint8Array {
  const all = concat(...body);
  return concat(utf8Bytes(type), int32(all.length + 4), all);
}

/** The packets of one login whose password is refused. */
function login(number: number): Uint8Array[] {
  const client = {
    address: `10.${(number >> 14) & 255}.${(number >> 6) & 255}.9`,
    port: 40_000 + (number & 63),
  };
  const server = { address: '10.255.0.1', port: 5432 };
  const user = `application_user_${number}`;
  const talk: readonly (readonly [boolean, Uint8Array])[] = [
    [
      true,
      message(
        '',
        int32(196_608),
        zero('user', user, 'database', `database_${number}`, 'application_name', `job-${number}`, ''),
      ),
    ],
    [false, message('R', int32(3))],
    [true, message('p', zero(`correct horse ${number}`))],
    [
      false,
      message(
        'E',
        zero(
          'SFATAL',
          'VFATAL',
          'C28P01',
          `Mpassword authentication failed for user "${user}"`,
          'Fauth.c',
          'L321',
          'Rauth_failed',
          '',
        ),
      ),
    ],
  ];
  const next = [1000, 5000];
  const packets: Uint8Array[] = [];
  const add = (fromClient: boolean, flags: number, payload = new Uint8Array(0)) => {
    const [source, destination] = fromClient ? [client, server] : [server, client];
    const [own, other] = fromClient ? [0, 1] : [1, 0];
    packets.push(
      buildPacket({
        source,
        destination,
        sequence: next[own],
        acknowledgment: next[other],
        flags,
        payload: new Uint8Array(payload),
      }),
    );
    next[own] += payload.length + ((flags & (SYN | FIN)) !== 0 ? 1 : 0);
  };
  add(true, SYN);
  add(false, SYN | ACK);
  add(true, ACK);
  for (const [fromClient, bytes] of talk) add(fromClient, PSH | ACK, new Uint8Array(bytes));
  add(false, FIN | ACK);
  add(true, FIN | ACK);
  return packets;
}

function capture(logins: number): Uint8Array {
  const writer = new PcapngWriter();
  let packets = 0;
  for (let number = 0; number < logins; number++) {
    for (const bytes of login(number)) {
      writer.addPacket(
        { seconds: 1_700_000_000 + Math.floor(packets / 1e5), nanos: (packets % 1e5) * 1e4 },
        bytes,
      );
      packets++;
    }
  }
  return writer.toBytes();
}

const folder = mkdtempSync(join(tmpdir(), 'handshake-inspector-redaction-'));
try {
  for (const logins of SIZES) {
    const [source, target] = [join(folder, 'logins.pcapng'), join(folder, 'redacted.pcapng')];
    writeFileSync(source, capture(logins));
    const start = performance.now();
    const cpu = process.cpuUsage();
    const packets = await saveTraces(source, target, { redact: true });
    const seconds = (performance.now() - start) / 1000;
    const used = process.cpuUsage(cpu);
    const size = (statSync(target).size / 1e6).toFixed(0);
    const judged =
      logins === SIZES.at(-1) ? (seconds < TARGET_SECONDS ? ' target met' : ' TARGET MISSED') : '';
    console.log(
      `  ${logins} logins redacted: ${seconds.toFixed(2)} s, ${((used.user + used.system) / 1e6).toFixed(2)} s CPU, ${packets} packets, ${size} MB${judged}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
