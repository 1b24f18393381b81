import type { PacketView } from '../capture/packet';
import { u16be, u32be } from '../capture/words';
import { formatAddress } from './address';
import { ipOffset } from './link';
import { SEGMENT_KIND, type SegmentView } from './segment';

const ICMP = 1;
const TCP = 6;
const ICMPV6 = 58;
const ICMP_HEADER = 8;
/** Of the quoted packet at least this much of the TCP header is there: ports and sequence number (RFC 792). */
const QUOTED_TCP = 8;

/** What a router or host says of a packet that it could not pass on. */
export interface IcmpError {
  /** The name of type and code, see {@link UNREACHABLE}. */
  readonly kind: string;
  /** Address of who says so. */
  readonly from: string;
  /** The largest packet that fits, where one was too big; 0 otherwise, and from routers that do not tell. */
  readonly mtu: number;
  /** Fragmentation was needed and not allowed. */
  readonly tooBig: boolean;
}

/** ICMP type 3 by code (RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1). */
const UNREACHABLE: readonly string[] = [
  'network unreachable',
  'host unreachable',
  'protocol unreachable',
  'port unreachable',
  'fragmentation needed',
  'source route failed',
  'network unknown',
  'host unknown',
  'source host isolated',
  'network administratively prohibited',
  'host administratively prohibited',
  'network unreachable with this type of service',
  'host unreachable with this type of service',
  'communication administratively prohibited',
  'host precedence violation',
  'precedence cutoff',
];

/** ICMPv6 type 1 by code (RFC 4443 section 3.1). */
const UNREACHABLE_V6: readonly string[] = [
  'no route to destination',
  'communication administratively prohibited',
  'beyond scope of source address',
  'address unreachable',
  'port unreachable',
  'source address failed the policy',
  'route to destination rejected',
  'error in source routing header',
];

const TIME_EXCEEDED: readonly string[] = ['time to live exceeded', 'fragment reassembly time exceeded'];

const TOO_BIG = 'fragmentation needed';

/**
 * Reads an ICMP or ICMPv6 error that quotes a TCP segment.
 *
 * @param quoted is given the addresses and ports of the quoted segment; nothing else of it holds.
 * @returns undefined for every other packet.
 */
export function decodeIcmp(packet: PacketView, quoted: SegmentView): IcmpError | undefined {
  const { buffer, end } = packet;
  const ip = ipOffset(packet);
  if (ip < 0) return undefined;
  const version = buffer[ip] >>> 4;
  return version === 4
    ? icmp4(buffer, ip, end, quoted)
    : version === 6
      ? icmp6(buffer, ip, end, quoted)
      : undefined;
}

function icmp4(bytes: Uint8Array, ip: number, end: number, quoted: SegmentView): IcmpError | undefined {
  const at = ip + (bytes[ip] & 0x0f) * 4;
  if (bytes[ip + 9] !== ICMP || at < ip + 20 || at + ICMP_HEADER > end) return undefined;
  const type = bytes[at];
  const code = bytes[at + 1];
  const kind = type === 3 ? UNREACHABLE[code] : type === 11 ? TIME_EXCEEDED[code] : undefined;
  if (kind === undefined || !quote4(bytes, at + ICMP_HEADER, end, quoted)) return undefined;
  const tooBig = kind === TOO_BIG;
  // RFC 1191 section 4.
  const mtu = tooBig ? u16be(bytes, at + 6) : 0;
  return { kind, from: formatAddress(bytes, ip + 12, 4), mtu, tooBig };
}

function icmp6(bytes: Uint8Array, ip: number, end: number, quoted: SegmentView): IcmpError | undefined {
  const at = ip + 40;
  if (at + ICMP_HEADER > end || bytes[ip + 6] !== ICMPV6) return undefined;
  const type = bytes[at];
  const code = bytes[at + 1];
  const tooBig = type === 2;
  const kind = tooBig
    ? TOO_BIG
    : type === 1
      ? UNREACHABLE_V6[code]
      : type === 3
        ? TIME_EXCEEDED[code]
        : undefined;
  if (kind === undefined || !quote6(bytes, at + ICMP_HEADER, end, quoted)) return undefined;
  const mtu = tooBig ? u32be(bytes, at + 4) : 0;
  return { kind, from: formatAddress(bytes, ip + 8, 16), mtu, tooBig };
}

function quote4(bytes: Uint8Array, ip: number, end: number, quoted: SegmentView): boolean {
  if (ip + 20 > end || bytes[ip] >>> 4 !== 4 || bytes[ip + 9] !== TCP) return false;
  const tcp = ip + (bytes[ip] & 0x0f) * 4;
  // A later piece of a packet has no ports.
  if (tcp < ip + 20 || tcp + QUOTED_TCP > end || (u16be(bytes, ip + 6) & 0x1fff) !== 0) return false;
  fill(quoted, bytes, 4, ip + 12, ip + 16, tcp);
  return true;
}

/** Extension headers are not looked behind: hosts do not put them before TCP. */
function quote6(bytes: Uint8Array, ip: number, end: number, quoted: SegmentView): boolean {
  const tcp = ip + 40;
  if (tcp + QUOTED_TCP > end || bytes[ip] >>> 4 !== 6 || bytes[ip + 6] !== TCP) return false;
  fill(quoted, bytes, 6, ip + 8, ip + 24, tcp);
  return true;
}

function fill(
  quoted: SegmentView,
  bytes: Uint8Array,
  version: 4 | 6,
  sourceAt: number,
  destinationAt: number,
  tcp: number,
): void {
  quoted.kind = SEGMENT_KIND.OTHER_PROTOCOL;
  quoted.buffer = bytes;
  quoted.version = version;
  quoted.sourceAt = sourceAt;
  quoted.destinationAt = destinationAt;
  quoted.sourcePort = u16be(bytes, tcp);
  quoted.destinationPort = u16be(bytes, tcp + 2);
}
