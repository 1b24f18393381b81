/** Capture files made of the recordings and changed where it matters: in payloads, headers, the order of packets, and the file's own structure. */
import fc from 'fast-check';
import { concat } from '../../../src/base/bytes';
import {
  filePlaces,
  headerPlaces,
  type Place,
  payloadOffset,
  payloadPlaces,
  readPlace,
  tcpOffset,
  writePlace,
} from './places';
import { SEEDS, type Seed, type SeedPacket } from './seeds';
import { COMPRESSIONS, CONTAINERS, ETHERNET, type FilePacket, WRAPPINGS } from './wrappings';

const LEVELS = ['payload', 'header', 'packets', 'secrets', 'file', 'noise', 'packed'] as const;
export type Level = (typeof LEVELS)[number];

/** One change. What it does to which packet and place follows from the numbers, so that fast-check can make it smaller. */
export interface Mutation {
  readonly level: Level;
  /** Which packet, as a part of their number. */
  readonly packet: number;
  /** Which place, as a part of their number or of the length. */
  readonly place: number;
  readonly how: number;
  readonly value: number;
}

/** Numbers of the tables, taken as often round as needed. */
export interface Recipe {
  readonly seeds: readonly number[];
  readonly wrappings: readonly number[];
  readonly container: number;
  readonly compression: string;
  readonly mutations: readonly Mutation[];
  readonly repeat?: Repeat;
}

/** Packets that come again and again until the file is large, each time a little different: what costs more the more there is of it shows. */
export interface Repeat {
  /** The first of them, as a part of the packets' number. */
  readonly from: number;
  readonly count: number;
  /** What differs: added to a place of the headers, each time once more. */
  readonly place: number;
  readonly step: number;
}

export interface Mutant {
  readonly bytes: Uint8Array;
  /** TLS secrets of the recordings, which a classic file does not hold. */
  readonly secrets: Uint8Array;
}

/** A part of a whole. Not a double of fast-check's: half of those are as good as zero. */
export const part = fc.nat(0xffff).map((value) => value / 0x10000);

const mutation: fc.Arbitrary<Mutation> = fc.record({
  level: fc.oneof(
    { weight: 5, arbitrary: fc.constant<Level>('payload') },
    { weight: 3, arbitrary: fc.constantFrom<Level>('header', 'packets', 'file') },
    { weight: 1, arbitrary: fc.constantFrom(...LEVELS) },
  ),
  packet: part,
  place: part,
  how: fc.nat(23),
  value: fc.integer({ min: 0, max: 0xffffffff }),
});

const plainRecipe = {
  seeds: fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.nat(SEEDS.length - 1)) },
    { weight: 1, arbitrary: fc.array(fc.nat(SEEDS.length - 1), { minLength: 2, maxLength: 3 }) },
  ),
  wrappings: fc.oneof(
    fc.constant([0]),
    fc.array(fc.nat(WRAPPINGS.length - 1), { minLength: 1, maxLength: 3 }),
  ),
  container: fc.nat(CONTAINERS.length - 1),
  compression: fc.oneof(
    { weight: 9, arbitrary: fc.constant('none') },
    { weight: 1, arbitrary: fc.constantFrom('gzip', 'zstd', 'lz4') },
  ),
  mutations: fc.array(mutation, { maxLength: 8 }),
};

/** What a mutant is made of: with {@link makeMutant} the same file again. */
export const recipe: fc.Arbitrary<Recipe> = fc.record(plainRecipe);

/** Large files, see {@link Repeat}. */
export const large: fc.Arbitrary<Recipe> = fc.record({
  ...plainRecipe,
  repeat: fc.record({
    from: part,
    count: fc.integer({ min: 1, max: 4 }),
    place: part,
    step: fc.constantFrom(0, 1, 8, 100, 1448, 0x10000),
  }),
});

export function makeMutant(made: Recipe): Mutant {
  const seeds = made.seeds.map((index) => SEEDS[index % SEEDS.length]);
  const changes = (level: Level) => made.mutations.filter((each) => each.level === level);
  let packets = together(seeds);
  for (const each of made.mutations) {
    if (packets.length === 0) break;
    if (each.level === 'payload') packets = changePayload(packets, each);
    else if (each.level === 'header') packets = changeHeader(packets, each);
  }
  if (made.repeat) packets = repeated(packets, made.repeat);
  const container = CONTAINERS[made.container % CONTAINERS.length];
  // Classic pcap has one link type.
  const chosen = container.pcapng ? made.wrappings : made.wrappings.slice(0, 1);
  const wrappings = chosen.map((index) => WRAPPINGS[index % WRAPPINGS.length]);
  let wrapped = packets.flatMap(({ ip, ...time }, i) => {
    const { linkType, wrap } = wrappings[i % wrappings.length] ?? ETHERNET;
    return wrap(ip).map((bytes): FilePacket => ({ ...time, linkType, bytes, originalLength: bytes.length }));
  });
  for (const each of changes('packets')) wrapped = changePackets(wrapped, each);
  const secrets = changes('secrets').reduce(changeSecrets, concat(...seeds.map((seed) => seed.secrets)));
  let bytes = container.build(wrapped, secrets);
  const places = filePlaces(bytes);
  const inFile = changes('file');
  if (inFile.length > 0) bytes = bytes.slice();
  for (const each of inFile) {
    const place = pick(places, each.place);
    if (place) setPlace(bytes, place, each, bytes.length - place.at);
  }
  bytes = changes('noise').reduce(changeBytes, bytes);
  bytes = changes('packed').reduce(changeBytes, COMPRESSIONS[made.compression](bytes));
  return { bytes, secrets };
}

/** Packets of several recordings, one after the other by turns. */
function together(seeds: readonly Seed[]): SeedPacket[] {
  if (seeds.length === 1) return [...seeds[0].packets];
  const all: SeedPacket[] = [];
  const longest = Math.max(...seeds.map((seed) => seed.packets.length));
  for (let i = 0; i < longest; i++) {
    for (const { packets } of seeds) if (i < packets.length) all.push(packets[i]);
  }
  return all;
}

/** Packets in a file with {@link Repeat}. */
const MANY = 3000;

function repeated(packets: readonly SeedPacket[], { from, count, place, step }: Repeat): SeedPacket[] {
  const start = Math.floor(from * packets.length);
  const some = packets.slice(start, start + count);
  const all = packets.slice(0, start);
  for (let round = 0; some.length > 0 && all.length < MANY; round++) {
    for (const packet of some) {
      const ip = packet.ip.slice();
      const changed = pick(headerPlaces(ip), place);
      if (changed) {
        const value = readPlace(ip, changed) + round * step;
        writePlace(ip, changed, value % 256 ** changed.width);
      }
      all.push({ ...packet, ip });
    }
  }
  return [...all, ...packets.slice(start + count)];
}

function pick<T>(list: readonly T[], share: number): T | undefined {
  return list[Math.floor(share * list.length)];
}

/** Numbers at which readers err: the ends of every width, and what is just beside the true one or the end of the bytes. */
function valueFor(old: number, { how, value }: Mutation, rest: number): number {
  const values = [
    0,
    1,
    old - 1,
    old + 1,
    old - 4,
    old + 4,
    old * 2,
    old >>> 1,
    rest,
    rest + 1,
    rest - 1,
    rest + 4,
    0x7f,
    0x80,
    0xff,
    0xffff,
    0x8000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    value & 31,
    value & 0xff,
    value & 0xffff,
    value,
  ];
  return values[how % values.length];
}

function setPlace(bytes: Uint8Array, place: Place, change: Mutation, rest: number): void {
  const wanted = valueFor(readPlace(bytes, place), change, rest);
  const modulus = 256 ** place.width;
  // A number too large for its place is as large as can be.
  const value = wanted >= modulus && change.how < 20 ? modulus - 1 : ((wanted % modulus) + modulus) % modulus;
  writePlace(bytes, place, value);
}

function withIp(packets: readonly SeedPacket[], index: number, ip: Uint8Array): SeedPacket[] {
  return packets.map((packet, i) => (i === index ? { ...packet, ip } : packet));
}

/** Packets with data are what messages are in. */
function packetWithData(packets: readonly SeedPacket[], share: number): number {
  const indices = [...packets.keys()].filter((i) => packets[i].ip.length > payloadOffset(packets[i].ip));
  return pick(indices, share) ?? -1;
}

const knownPlaces = new WeakMap<Uint8Array, readonly Place[]>();

function placesIn(ip: Uint8Array): readonly Place[] {
  const known = knownPlaces.get(ip);
  if (known) return known;
  const start = payloadOffset(ip);
  const found = payloadPlaces(ip.subarray(start)).map((place) => ({ ...place, at: place.at + start }));
  knownPlaces.set(ip, found);
  return found;
}

function changePayload(packets: readonly SeedPacket[], change: Mutation): SeedPacket[] {
  const index = packetWithData(packets, change.packet);
  if (index < 0) return [...packets];
  const { ip } = packets[index];
  const start = payloadOffset(ip);
  const at = start + Math.floor(change.place * (ip.length - start));
  const length = change.value & 63;
  switch (change.value >>> 28) {
    case 0: // bytes put in, and the numbers of what follows moved along
      return resized(packets, index, concat(ip.subarray(0, at), noise(length, change.how), ip.subarray(at)));
    case 1: // bytes taken out
      return resized(
        packets,
        index,
        concat(ip.subarray(0, at), ip.subarray(Math.min(ip.length, at + length))),
      );
    case 2: {
      // another packet's payload in place of this one, or behind it
      const other = packets[packetWithData(packets, change.place)].ip;
      const kept = change.how % 2 === 0 ? ip.subarray(0, start) : ip;
      return resized(packets, index, concat(kept, other.subarray(payloadOffset(other))));
    }
    case 3: {
      const copy = ip.slice();
      copy[at] ^= 1 << (change.how & 7);
      return withIp(packets, index, copy);
    }
    default: {
      const place = pick(placesIn(ip), change.place);
      if (!place) return [...packets];
      const copy = ip.slice();
      setPlace(copy, place, change, ip.length - place.at - place.width);
      return withIp(packets, index, copy);
    }
  }
}

function noise(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (seed < 4 ? seed : (i * 167 + seed * 59) & 255));
}

/** Another length: the IP header says so, and later segments of this direction are moved by as much. */
function resized(packets: readonly SeedPacket[], index: number, grown: Uint8Array): SeedPacket[] {
  const { ip } = packets[index];
  const more = grown.length - ip.length;
  const ipv6 = ip[0] >>> 4 === 6;
  if (grown.length > 60_000) return [...packets];
  const copy = grown.slice();
  writePlace(copy, { at: ipv6 ? 4 : 2, width: 2 }, copy.length - (ipv6 ? 40 : 0));
  const from = ports(ip);
  return packets.map((packet, i) => {
    if (i === index) return { ...packet, ip: copy };
    if (i < index || ports(packet.ip) !== from) return packet;
    const moved = packet.ip.slice();
    const sequence: Place = { at: tcpOffset(moved) + 4, width: 4 };
    writePlace(moved, sequence, (readPlace(moved, sequence) + more + 2 ** 32) % 2 ** 32);
    return { ...packet, ip: moved };
  });
}

function ports(ip: Uint8Array): number {
  return readPlace(ip, { at: tcpOffset(ip), width: 4 });
}

function changeHeader(packets: readonly SeedPacket[], change: Mutation): SeedPacket[] {
  const index = Math.floor(change.packet * packets.length);
  const ip = packets[index].ip.slice();
  const place = pick(headerPlaces(ip), change.place);
  if (place) setPlace(ip, place, change, ip.length - place.at);
  return withIp(packets, index, ip);
}

/** Whole packets: lost, doubled, moved, cut by the recorder, cut in two, out of time, of another link type. */
function changePackets(packets: readonly FilePacket[], change: Mutation): FilePacket[] {
  if (packets.length === 0) return [];
  const index = Math.floor(change.packet * packets.length);
  const packet = packets[index];
  const at = Math.floor(change.place * packet.bytes.length);
  const rest = packets.toSpliced(index, 1);
  switch (change.how % 8) {
    case 0:
      return rest;
    case 1:
      return packets.toSpliced(index, 0, packet);
    case 2:
      return rest.toSpliced(Math.floor(change.place * packets.length), 0, packet);
    case 3:
      return packets.toSpliced(index, 1, { ...packet, bytes: packet.bytes.subarray(0, at) });
    case 4: {
      const bytes = packet.bytes.subarray(0, at);
      return packets.toSpliced(index, 1, { ...packet, bytes, originalLength: at });
    }
    case 5:
      return packets.toSpliced(index, 1, { ...packet, seconds: change.value });
    case 6:
      return packets.toSpliced(index, 1, { ...packet, linkType: change.value % 300 });
    default:
      return packets.toSpliced(index, 1, { ...packet, originalLength: change.value });
  }
}

function changeSecrets(secrets: Uint8Array, change: Mutation): Uint8Array {
  return changeBytes(secrets, { ...change, how: change.how % 5 });
}

/** Bytes without knowing what they mean. */
function changeBytes(bytes: Uint8Array, { place, how, value }: Mutation): Uint8Array {
  // The beginning says what the rest is: a share of the changes is there.
  const at = Math.floor(place * (value & 0x100 ? Math.min(32, bytes.length) : bytes.length));
  const length = (value >>> 16) & 1023;
  if (bytes.length === 0) return bytes;
  const copy = bytes.slice();
  switch (how % 8) {
    case 0:
      copy.fill(0xff, at, at + 4);
      return copy;
    case 1:
      return copy.subarray(0, at);
    case 2:
      return concat(copy.subarray(0, at), copy.subarray(Math.min(copy.length, at + length)));
    case 3:
      return concat(copy.subarray(0, at), copy.subarray(Math.max(0, at - length)));
    case 4:
      copy[at] ^= 1 << (value & 7);
      return copy;
    case 5:
      return concat(copy.subarray(0, at), noise(length & 255, value & 255), copy.subarray(at));
    default:
      copy[at] = value & 255;
      return copy;
  }
}
