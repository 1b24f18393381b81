import { copyOf } from '../../base/arena';
import { utf8Bytes } from '../../base/bytes';
import type { PacketView } from '../../capture/packet';
import { writeIpv4Checksum, writeTcpChecksum } from '../../network/checksum';
import { TcpConnection } from '../../network/connection';
import type { Direction } from '../../network/flow-table';
import { ipOffset } from '../../network/link';
import { SegmentView, SYN } from '../../network/segment';
import { KeyLog } from '../../tls/keylog';
import {
  ConnectionPicker,
  type ConnectionPlace,
  type PickedPacket,
  type Span,
  writePackets,
} from '../packet-picker';
import { AddressBook, AddressCipher } from './addresses';
import { checkRedacted } from './check-redacted';
import { Names } from './names';
import { packetAt } from './packet-at';
import { redactHeaders } from './packet-headers';
import { type Piece, redactConversation } from './redact-conversation';
import type { RandomBytes } from './sealing';

/** RFC 9293 section 3.1. */
const CHECKSUM_AT = 16;

/** A packet of a connection, and what is needed of its TCP segment: offsets are those in the packet's bytes. */
interface Carried extends PickedPacket {
  readonly direction: Direction;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly missing: number;
  readonly addressLength: 4 | 16;
  readonly sourceAt: number;
  readonly tcpAt: number;
  readonly payloadStart: number;
  readonly payloadEnd: number;
}

interface Connection {
  readonly place: ConnectionPlace;
  /** The direction in which the client talks. */
  readonly client: Direction;
  readonly carried: Carried[];
}

export interface RedactingOptions {
  /** TLS secrets besides those that the capture carries. */
  readonly keyLog?: KeyLog;
  readonly random: RandomBytes;
  /** Addresses get others, the same for the same one, and those of the link layer are blanked. */
  readonly redactAddresses?: boolean;
}

/**
 * Second reading of a capture: the packets of chosen traces' connections up to the end of their handshakes, without passwords, proofs
 * and names. Every length stays. A packet that came in IP fragments is written whole.
 */
export class RedactingPicker extends ConnectionPicker {
  readonly #keyLog: KeyLog;
  readonly #random: RandomBytes;
  readonly #connections = new Map<Span, Connection>();
  #packets: PickedPacket[] | undefined;
  readonly #secrets: Uint8Array[] = [];

  readonly #names: Names;
  readonly #cipher: AddressCipher | undefined;
  /** The connection of each packet written, in order. */
  readonly #placeOf: string[] = [];

  constructor(
    all: readonly ConnectionPlace[],
    chosen: ReadonlySet<string>,
    { keyLog, random, redactAddresses }: RedactingOptions,
  ) {
    super(all, chosen);
    this.#keyLog = keyLog ?? new KeyLog();
    this.#random = random;
    this.#cipher = redactAddresses ? new AddressCipher(random) : undefined;
    const ours = all.filter(({ id }) => chosen.has(id));
    const addresses = new AddressBook(
      ours.flatMap(({ client, server }) => [client.address, server.address]),
      this.#cipher,
    );
    this.#names = new Names(addresses);
    for (const address of addresses.staying) this.#names.allow(address);
  }

  handleSecrets(keyLog: Uint8Array): void {
    this.#keyLog.add(keyLog);
  }

  /** Packets of the file. */
  get packets(): number {
    return this.#redacted().length;
  }

  /**
   * The file, in which nothing that was replaced is found.
   *
   * @throws {RedactionError} where something is.
   */
  toBytes(): Uint8Array {
    const packets = this.#redacted();
    const bytes = writePackets(packets, this.#secrets);
    checkRedacted(bytes, this.#names, (offset) => {
      const frame = packetAt(bytes, offset);
      const id = this.#traceOf(packets, frame);
      return frame === 0 ? 'in the secrets of TLS' : `in frame ${frame}${id ? ` (${id})` : ''} of the result`;
    });
    return bytes;
  }

  #traceOf(packets: readonly PickedPacket[], frame: number): string | undefined {
    const packet = [...packets].sort((a, b) => a.frame - b.frame)[frame - 1];
    return packet && this.#placeOf[packets.indexOf(packet)];
  }

  protected pick(packet: PacketView, segment: SegmentView, flow: number, span: Span): void {
    let connection = this.#connections.get(span);
    if (!connection) {
      const { client } = span.place;
      const isFirst =
        this.table.address(flow, 0) === client.address && this.table.port(flow, 0) === client.port;
      connection = { place: span.place, client: isFirst ? 0 : 1, carried: [] };
      this.#connections.set(span, connection);
    }
    connection.carried.push(carry(packet, segment, this.table.direction));
  }

  #redacted(): PickedPacket[] {
    if (this.#packets) return this.#packets;
    const packets: PickedPacket[] = [];
    for (const connection of this.#connections.values()) {
      const { id } = connection.place;
      this.#names.place = `inside ${id}`;
      for (const packet of this.#redact(connection, this.#names)) {
        packets.push(packet);
        this.#placeOf.push(id);
      }
    }
    this.#packets = packets;
    return packets;
  }

  #redact({ place, client, carried }: Connection, names: Names): PickedPacket[] {
    const { pieces, connection } = reassemble(carried, client);
    const redacted = redactConversation(pieces, {
      protocol: place.protocol,
      direct: place.direct,
      client: place.client,
      server: place.server,
      keyLog: this.#keyLog,
      random: this.#random,
      names,
    });
    if (redacted.keyLog !== '') this.#secrets.push(utf8Bytes(redacted.keyLog));
    const last =
      redacted.pieces < pieces.length ? lastFrame(pieces, redacted.pieces) : Number.POSITIVE_INFINITY;
    const kept = carried.filter(({ frame }) => frame <= last);
    for (const each of kept) {
      const { bytes, direction, payloadStart, payloadEnd } = each;
      if (payloadEnd > payloadStart) {
        const stream = redacted.streams[direction === client ? 'client' : 'server'];
        const first = each.sequence + ((each.flags & SYN) !== 0 ? 1 : 0);
        const offset = connection.streams[direction].offsetOf(first);
        stream.copyTo(bytes.subarray(payloadStart, payloadEnd), offset);
      }
      redactHeaders(bytes, each.linkType, this.#cipher);
      // Also where nothing changed: packets captured on their way out have none yet. That of a cut packet tells of what was in it.
      if (each.missing > 0) bytes.fill(0, each.tcpAt + CHECKSUM_AT, each.tcpAt + CHECKSUM_AT + 2);
      else writeTcpChecksum(bytes, each.sourceAt, each.addressLength, each.tcpAt, payloadEnd);
    }
    return kept;
  }
}

/** The last frame that the first `count` pieces came in: one that filled a hole was recorded after the piece behind the hole. */
function lastFrame(pieces: readonly Piece[], count: number): number {
  let last = 0;
  for (let i = 0; i < count; i++) last = Math.max(last, pieces[i].mark.frame);
  return last;
}

/** Copies a packet, put together if it came in fragments. */
function carry(packet: PacketView, view: SegmentView, direction: Direction): Carried {
  const { frame, seconds, nanos, linkType, buffer, start, end } = packet;
  let bytes = copyOf(buffer.subarray(start, end));
  let moved = -start;
  let { originalLength } = packet;
  if (view.buffer !== buffer) {
    const ip = ipOffset(packet) - start;
    bytes = new Uint8Array(ip + view.buffer.length);
    bytes.set(buffer.subarray(start, start + ip));
    bytes.set(view.buffer, ip);
    if (bytes[ip] >>> 4 === 4) writeIpv4Checksum(bytes, ip);
    moved = ip;
    originalLength = bytes.length;
  }
  return {
    frame,
    seconds,
    nanos,
    linkType,
    originalLength,
    bytes,
    direction,
    sequence: view.sequence,
    acknowledgment: view.acknowledgment,
    flags: view.flags,
    missing: view.missing,
    addressLength: view.version === 4 ? 4 : 16,
    sourceAt: view.sourceAt + moved,
    tcpAt: view.tcpAt + moved,
    payloadStart: view.payloadStart + moved,
    payloadEnd: view.payloadEnd + moved,
  };
}

function reassemble(carried: readonly Carried[], client: Direction) {
  const pieces: Piece[] = [];
  const side = (direction: Direction) => (direction === client ? 'client' : 'server');
  const connection = new TcpConnection({
    onOpen: () => undefined,
    onClose: () => undefined,
    onBytes: (direction, bytes, mark) => pieces.push({ from: side(direction), bytes: copyOf(bytes), mark }),
    onGap: (direction, missing, mark) => pieces.push({ from: side(direction), missing, mark }),
  });
  const segment = new SegmentView();
  for (const each of carried) {
    const { frame, seconds, nanos, bytes } = each;
    segment.buffer = bytes;
    segment.sequence = each.sequence;
    segment.acknowledgment = each.acknowledgment;
    segment.flags = each.flags;
    segment.missing = each.missing;
    segment.payloadStart = each.payloadStart;
    segment.payloadEnd = each.payloadEnd;
    connection.handleSegment(each.direction, segment, { frame, seconds, nanos });
  }
  const end = carried.at(-1);
  connection.finish(end ?? { frame: 0, seconds: 0, nanos: 0 });
  return { pieces, connection };
}
