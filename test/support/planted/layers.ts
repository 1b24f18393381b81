/** Packets of a conversation, in every kind of wrapping, with values where the wrapping has room for them. */
import { buildPacket, type PacketFields } from '../../../src/network/packet-builder';
import { ascii, concat, number, type Planter, type Talk } from './planter';

const ACK = 16;
const PSH = 8;
const SYN = 2;
const FIN = 1;
const ETHERNET = 14;

/** A link type and how a packet of IP is wrapped for it. */
export interface Wrapping {
  readonly linkType: number;
  readonly wrap: (p: Planter, ip: Uint8Array) => Uint8Array;
}

const ethernet = (type: number, ip: Uint8Array, mac = new Uint8Array(12)) => concat(mac, number(2, type), ip);
const typeOf = (ip: Uint8Array) => (ip[0] >>> 4 === 4 ? 0x0800 : 0x86dd);

/** An IPv4 header of a packet around another. */
function ipv4(protocol: number, body: Uint8Array): Uint8Array {
  const head = Uint8Array.of(0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0, 10, 1, 2, 3, 10, 1, 2, 4);
  head.set(number(2, 20 + body.length), 2);
  return concat(head, body);
}

const little32 = (value: number) => number(4, value).reverse();

export const WRAPPINGS: Readonly<Record<string, Wrapping>> = {
  Ethernet: { linkType: 1, wrap: (p, ip) => concat(ethernet(typeOf(ip), ip), p.bytes('Ethernet trailer')) },
  VLAN: {
    linkType: 1,
    wrap: (p, ip) =>
      concat(
        ethernet(0x8100, concat(number(2, 42), number(2, typeOf(ip)), ip)),
        p.bytes('trailer of a tagged frame'),
      ),
  },
  raw: { linkType: 101, wrap: (p, ip) => concat(ip, p.bytes('bytes behind raw IP')) },
  loopback: {
    linkType: 0,
    wrap: (p, ip) => concat(little32(ip[0] >>> 4 === 4 ? 2 : 30), ip, p.bytes('bytes behind loopback')),
  },
  cooked: {
    linkType: 113,
    wrap: (p, ip) => concat(number(6, 1), p.bytes('unused link address', 8), number(2, typeOf(ip)), ip),
  },
  'cooked v2': {
    linkType: 276,
    wrap: (p, ip) =>
      concat(
        number(2, typeOf(ip)),
        number(2, 0),
        number(4, 1),
        number(2, 1),
        Uint8Array.of(0, 0),
        p.bytes('unused link address', 8),
        ip,
      ),
  },
  'netfilter log': {
    linkType: 239,
    wrap: (p, ip) => {
      const field = (type: number, value: Uint8Array) => {
        const length = 4 + value.length;
        return concat(
          number(2, length).reverse(),
          number(2, type).reverse(),
          value,
          new Uint8Array((4 - (length % 4)) % 4),
        );
      };
      return concat(Uint8Array.of(2, 0, 0, 0), field(10, p.bytes('prefix of a log')), field(9, ip));
    },
  },
  'packet tap': {
    linkType: 258,
    wrap: (p, ip) => {
      const head = new Uint8Array(108);
      head.set(concat(little32(108), little32(1), little32(101)));
      head.set(p.bytes('interface'), 12);
      head.set(p.bytes('command'), 56);
      return concat(head, ip);
    },
  },
  radiotap: {
    linkType: 127,
    wrap: (p, ip) => {
      const head = concat(Uint8Array.of(0, 0, 24, 0, 0, 0, 0, 0), p.bytes('fields of the radio', 16));
      const frame = concat(
        Uint8Array.of(8, 1, 0, 0),
        new Uint8Array(18),
        number(2, 0),
        Uint8Array.of(0xaa, 0xaa, 3, 0, 0, 0),
        number(2, typeOf(ip)),
      );
      return concat(head, frame, ip, p.bytes('frame check sequence'));
    },
  },
  VXLAN: {
    linkType: 1,
    wrap: (p, ip) => {
      const inner = concat(ethernet(typeOf(ip), ip), p.bytes('trailer of an inner frame'));
      const udp = concat(
        number(2, 50_000),
        number(2, 4789),
        number(2, 16 + inner.length),
        number(2, 0),
        Uint8Array.of(8, 0, 0, 0, 0, 0, 1, 0),
        inner,
      );
      return ethernet(0x0800, ipv4(17, udp));
    },
  },
  GENEVE: {
    linkType: 1,
    wrap: (p, ip) => {
      const options = concat(Uint8Array.of(1, 2, 3, 3), p.bytes('GENEVE option'));
      const inner = concat(
        Uint8Array.of(options.length / 4, 0),
        number(2, typeOf(ip)),
        number(4, 256),
        options,
        ip,
      );
      return ethernet(
        0x0800,
        ipv4(
          17,
          concat(number(2, 50_000), number(2, 6081), number(2, 8 + inner.length), number(2, 0), inner),
        ),
      );
    },
  },
  GRE: {
    linkType: 1,
    wrap: (p, ip) =>
      ethernet(
        0x0800,
        ipv4(
          47,
          concat(
            Uint8Array.of(0xb0, 0),
            number(2, typeOf(ip)),
            p.bytes('GRE checksum, key and number', 12),
            ip,
          ),
        ),
      ),
  },
};

/** Puts options, known and unknown, into the IP and TCP headers of an Ethernet frame, and gives the IP packet. */
function withOptions(p: Planter, frame: Uint8Array): Uint8Array {
  const ip = frame.slice(ETHERNET);
  const is4 = ip[0] >>> 4 === 4;
  const headerLength = is4 ? 20 : 40;
  const tcp = ip.slice(headerLength);
  const options = concat(
    Uint8Array.of(1, 1, 8, 10),
    number(8, 7),
    Uint8Array.of(253, 14),
    p.bytes('TCP option'),
    Uint8Array.of(0, 0),
  );
  const end = concat(
    options,
    p.bytes('behind the end of TCP options', 8).subarray(0, (4 - (options.length % 4)) % 4),
  );
  const segment = concat(tcp.subarray(0, 20), end, tcp.subarray(20));
  segment[12] = ((20 + end.length) / 4) << 4;
  if (!is4) {
    const hop = concat(Uint8Array.of(6, 1, 0x1e, 12), p.bytes('hop-by-hop option'));
    const head = ip.slice(0, 40);
    head[6] = 0;
    head.set(number(2, hop.length + segment.length), 4);
    return concat(head, hop, segment);
  }
  const option = concat(Uint8Array.of(0x94, 14), p.bytes('IP option'), Uint8Array.of(0, 0));
  const head = concat(ip.subarray(0, 20), option);
  head[0] = 0x40 | (head.length / 4);
  head.set(number(2, head.length + segment.length), 2);
  return concat(head, segment);
}

/** A capture: packets of one link type, with comments and names that a recorder writes. */
export function capture(
  p: Planter,
  talk: Talk,
  { linkType, wrap }: Wrapping,
  ports: { readonly server: number; readonly ipv6: boolean },
): Uint8Array {
  const [client, server] = ports.ipv6 ? ['2001:db8::1', '2001:db8::2'] : ['192.0.2.1', '192.0.2.2'];
  const ends = { client: { address: client, port: 50_123 }, server: { address: server, port: ports.server } };
  const next = { client: 1000, server: 9000 };
  const packets: Uint8Array[] = [];
  const add = (from: 'client' | 'server', flags: number, payload: Uint8Array = new Uint8Array(0)) => {
    const to = from === 'client' ? 'server' : 'client';
    const fields: PacketFields = {
      source: ends[from],
      destination: ends[to],
      sequence: next[from],
      acknowledgment: next[to],
      flags,
      payload,
    };
    const frame = buildPacket(fields);
    // Only some have options: each of them is a value.
    const ip = p.pick(4) === 0 ? withOptions(p, frame) : frame.slice(ETHERNET);
    packets.push(wrap(p, ip));
    next[from] += payload.length + (flags & (SYN | FIN) ? 1 : 0);
  };
  add('client', SYN);
  add('server', SYN | ACK);
  add('client', ACK);
  for (const [from, bytes] of talk) {
    for (let at = 0; at < bytes.length; at += 1400) add(from, PSH | ACK, bytes.subarray(at, at + 1400));
  }
  add('server', FIN | ACK);
  add('client', FIN | ACK);
  return file(p, packets, linkType);
}

const little = (width: number, value: number) => number(width, value).reverse();

function block(type: number, ...parts: Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  const length = little(4, body.length + 12);
  return concat(little(4, type), length, body, length);
}

function option(code: number, value: Uint8Array): Uint8Array {
  return concat(
    little(2, code),
    little(2, value.length),
    value,
    new Uint8Array((4 - (value.length % 4)) % 4),
  );
}

/** pcapng with comments, names of interfaces and of addresses, and a block that nobody knows. */
function file(p: Planter, packets: readonly Uint8Array[], linkType: number): Uint8Array {
  const end = option(0, new Uint8Array(0));
  const padded = (bytes: Uint8Array) => concat(bytes, new Uint8Array((4 - (bytes.length % 4)) % 4));
  const name = concat(Uint8Array.of(192, 0, 2, 1), p.bytes('name of an address'), ascii('\0'));
  return concat(
    block(
      0x0a0d0d0a,
      little(4, 0x1a2b3c4d),
      little(2, 1),
      little(2, 0),
      new Uint8Array(8).fill(255),
      option(1, p.bytes('comment of the file')),
      option(2, p.bytes('hardware')),
      option(3, p.bytes('operating system')),
      option(4, p.bytes('program')),
      end,
    ),
    block(
      1,
      little(2, linkType),
      little(2, 0),
      little(4, 0),
      option(2, p.bytes('name of the interface')),
      option(3, p.bytes('description of the interface')),
      option(11, concat(Uint8Array.of(0), p.bytes('capture filter'))),
      end,
    ),
    block(4, little(2, 1), little(2, name.length), padded(name), new Uint8Array(4)),
    block(0x0bad, p.bytes('custom block')),
    ...packets.map((bytes, i) =>
      block(
        6,
        little(4, 0),
        little(4, 400_000),
        little(4, 1000 * i),
        little(4, bytes.length),
        little(4, bytes.length),
        padded(bytes),
        ...(i % 5 === 0 ? [option(1, p.bytes('comment of a packet')), end] : []),
      ),
    ),
  );
}
