import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPacket } from '../../src/network/packet-builder';
import { ACK, PSH } from '../../src/network/segment';
import { ConversationBuilder } from '../unit/network/conversation-builder';
import { postgresLogin } from './postgres-login';

/** Raised when the content changes, so that an older file is not taken for the new one. */
const CONTENT_VERSION = 1;

export interface BenchCapture {
  readonly file: string;
  readonly packets: number;
  /** PostgreSQL logins in it. */
  readonly logins: number;
}

/** Traffic that is neither PostgreSQL nor MongoDB: many connections, small requests and full-sized bulk data. */
class ForeignTraffic {
  readonly #next: Float64Array;
  readonly #bulk: Uint8Array;

  constructor(private readonly flows: number) {
    this.#next = new Float64Array(2 * flows).fill(1);
    this.#bulk = Uint8Array.from({ length: 1448 }, (_, i) => (i * 31 + 7) & 0xff);
  }

  packet(number: number): Uint8Array {
    // A multiplicative step visits the flows in a scattered order, as real traffic does.
    const flow = Math.imul(number, 2654435761) >>> 0;
    const index = flow % this.flows;
    const fromServer = number % 3 === 0;
    const client = { address: `10.1.${index >> 8}.${index & 255}`, port: 32_768 + (index % 20_000) };
    const server = { address: `192.0.2.${1 + (index % 50)}`, port: 443 };
    const length = fromServer ? 1448 : number % 2 === 0 ? 0 : 200;
    const own = 2 * index + (fromServer ? 1 : 0);
    const packet = buildPacket({
      source: fromServer ? server : client,
      destination: fromServer ? client : server,
      sequence: this.#next[own],
      acknowledgment: this.#next[own ^ 1],
      flags: length === 0 ? ACK : ACK | PSH,
      payload: this.#bulk.subarray(0, length),
    });
    this.#next[own] = (this.#next[own] + length) >>> 0;
    return packet;
  }
}

/** All packets of one login, from SYN to FIN. */
function loginPackets(number: number): Uint8Array[] {
  const talk = new ConversationBuilder(
    { address: `10.2.${(number >> 8) & 255}.${number & 255}`, port: 40_000 + (number % 20_000) },
    { address: '192.0.2.200', port: 5432 },
  );
  return [
    ...talk.connect(),
    ...talk.accept(),
    ...postgresLogin(number).flatMap((flight) => talk.data(flight.from, flight.bytes)),
    ...talk.acknowledge('server'),
    ...talk.close('client', 'fin'),
    ...talk.close('server', 'fin'),
    ...talk.acknowledge('client'),
  ];
}

/** Writes (once; it is kept in the system's temporary folder) a classic capture, about 2% of it PostgreSQL logins. */
export function makeCapture(packets: number): BenchCapture {
  const folder = join(tmpdir(), 'handshake-inspector-bench');
  const perLogin = loginPackets(0).length;
  const logins = Math.floor((packets * 0.02) / perLogin);
  const file = join(folder, `v${CONTENT_VERSION}-${packets}.pcap`);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const temporary = `${file}.${process.pid}`;
    write(temporary, packets, logins, perLogin);
    renameSync(temporary, file);
  }
  return { file, packets, logins };
}

function write(file: string, packets: number, logins: number, perLogin: number): void {
  const descriptor = openSync(file, 'w');
  const out = Buffer.alloc(1 << 20);
  let used = 0;
  const flush = () => {
    writeSync(descriptor, out, 0, used);
    used = 0;
  };
  for (const word of [0xa1b2c3d4, 0x00040002, 0, 0, 262_144, 1]) used = out.writeUInt32LE(word, used);
  const foreign = new ForeignTraffic(5000);
  const every = Math.floor(packets / Math.max(1, logins));
  let pending: Uint8Array[] = [];
  let login = 0;
  for (let number = 0; number < packets; number++) {
    if (pending.length === 0 && login < logins && number >= login * every) pending = loginPackets(login++);
    // A login's packets come one in eight, among others.
    const due = pending.length > 0 && (number % 8 === 0 || packets - number <= 2 * perLogin);
    const packet = (due ? pending.shift() : undefined) ?? foreign.packet(number);
    if (used + 16 + packet.length > out.length) flush();
    used = out.writeUInt32LE(1_767_225_600 + Math.floor(number / 50_000), used);
    used = out.writeUInt32LE((number % 50_000) * 20, used);
    used = out.writeUInt32LE(packet.length, used);
    used = out.writeUInt32LE(packet.length, used);
    out.set(packet, used);
    used += packet.length;
  }
  flush();
  closeSync(descriptor);
}
