import { parseAddress } from './address';
import { checksum, sum } from './checksum';

/** What a TCP packet over Ethernet is built from. */
export interface PacketFields {
  /** IPv4 or IPv6 as text. Where one is IPv4 and the other IPv6, the IPv4 one is written as `::ffff:a.b.c.d`. */
  readonly source: { readonly address: string; readonly port: number };
  readonly destination: { readonly address: string; readonly port: number };
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly payload?: Uint8Array;
  readonly window?: number;
}

/** Largest payload of one packet: 65,535 bytes of IPv4 less its header and TCP's. */
export const MAX_PAYLOAD = 65_535 - 20 - 20;

const ETHERNET_LENGTH = 14;
const TCP_LENGTH = 20;
/** Locally administered addresses: a recording has none of its own. */
const MAC_ADDRESSES = [0x02, 0, 0, 0, 0, 0x02, 0x02, 0, 0, 0, 0, 0x01];
const HOP_LIMIT = 64;

/**
 * Builds an Ethernet frame with IPv4 or IPv6 and TCP, checksums right.
 *
 * @throws RangeError for an address that is not one, or a payload over {@link MAX_PAYLOAD}: mistakes of the caller.
 */
export function buildPacket(fields: PacketFields): Uint8Array {
  const payload = fields.payload ?? new Uint8Array(0);
  if (payload.length > MAX_PAYLOAD) throw new RangeError(`payload of ${payload.length} bytes`);
  const [source, destination] = sameFamily(
    address(fields.source.address),
    address(fields.destination.address),
  );
  const ipLength = source.length === 4 ? 20 : 40;
  const packet = new Uint8Array(ETHERNET_LENGTH + ipLength + TCP_LENGTH + payload.length);
  const view = new DataView(packet.buffer);
  packet.set(MAC_ADDRESSES);
  view.setUint16(12, source.length === 4 ? 0x0800 : 0x86dd);
  const tcp = ETHERNET_LENGTH + ipLength;
  const segmentLength = TCP_LENGTH + payload.length;
  if (source.length === 4) writeIpv4(packet, view, source, destination, segmentLength);
  else writeIpv6(packet, view, source, destination, segmentLength);
  view.setUint16(tcp, fields.source.port);
  view.setUint16(tcp + 2, fields.destination.port);
  view.setUint32(tcp + 4, fields.sequence);
  view.setUint32(tcp + 8, fields.acknowledgment);
  view.setUint8(tcp + 12, (TCP_LENGTH / 4) << 4);
  view.setUint8(tcp + 13, fields.flags);
  view.setUint16(tcp + 14, fields.window ?? 65_535);
  packet.set(payload, tcp + TCP_LENGTH);
  // The pseudo-header (RFC 9293 section 3.1): both addresses, the protocol and the length.
  const pseudo = sum(source, 0, source.length) + sum(destination, 0, destination.length) + 6 + segmentLength;
  view.setUint16(tcp + 16, checksum(pseudo + sum(packet, tcp, packet.length)));
  return packet;
}

function writeIpv4(
  packet: Uint8Array,
  view: DataView,
  source: Uint8Array,
  destination: Uint8Array,
  segmentLength: number,
): void {
  const at = ETHERNET_LENGTH;
  view.setUint8(at, 0x45);
  view.setUint16(at + 2, 20 + segmentLength);
  view.setUint16(at + 6, 0x4000); // do not fragment
  view.setUint8(at + 8, HOP_LIMIT);
  view.setUint8(at + 9, 6);
  packet.set(source, at + 12);
  packet.set(destination, at + 16);
  view.setUint16(at + 10, checksum(sum(packet, at, at + 20)));
}

function writeIpv6(
  packet: Uint8Array,
  view: DataView,
  source: Uint8Array,
  destination: Uint8Array,
  segmentLength: number,
): void {
  const at = ETHERNET_LENGTH;
  view.setUint8(at, 0x60);
  view.setUint16(at + 4, segmentLength);
  view.setUint8(at + 6, 6);
  view.setUint8(at + 7, HOP_LIMIT);
  packet.set(source, at + 8);
  packet.set(destination, at + 24);
}

function address(text: string): Uint8Array {
  const bytes = parseAddress(text);
  if (bytes === undefined) throw new RangeError(`not an IP address: ${text}`);
  return bytes;
}

function sameFamily(a: Uint8Array, b: Uint8Array): [Uint8Array, Uint8Array] {
  return a.length === b.length ? [a, b] : [asIpv6(a), asIpv6(b)];
}

/** IPv4-mapped (RFC 4291 section 2.5.5.2). */
function asIpv6(bytes: Uint8Array): Uint8Array {
  return bytes.length === 16 ? bytes : Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...bytes]);
}
