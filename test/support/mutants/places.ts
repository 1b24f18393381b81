/** Where in bytes the numbers and letters are that decide how the rest is read: what structure-aware mutations change. */
import { type BsonSpan, walkBson } from '../../../src/mongodb/wire/bson-span';

/** A number of so many bytes. */
export interface Place {
  readonly at: number;
  readonly width: 1 | 2 | 3 | 4;
  readonly little?: boolean;
}

export function readPlace(bytes: Uint8Array, { at, width, little }: Place): number {
  let value = 0;
  for (let i = 0; i < width; i++) {
    const byte = bytes[little ? at + width - 1 - i : at + i] ?? 0;
    value = value * 256 + byte;
  }
  return value;
}

/** Writes as much of the number as there is room for. */
export function writePlace(bytes: Uint8Array, { at, width, little }: Place, value: number): void {
  let rest = value;
  for (let i = width - 1; i >= 0; i--) {
    const to = little ? at + width - 1 - i : at + i;
    if (to < bytes.length) bytes[to] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

const one = (at: number): Place => ({ at, width: 1 });
const two = (at: number): Place => ({ at, width: 2 });
const three = (at: number): Place => ({ at, width: 3 });
const four = (at: number): Place => ({ at, width: 4 });
const fourLittle = (at: number): Place => ({ at, width: 4, little: true });

/** Of an IP packet with TCP: both headers. */
export function headerPlaces(ip: Uint8Array): Place[] {
  const four4 = ip[0] >>> 4 === 4;
  const tcp = tcpOffset(ip);
  const network = four4
    ? [one(0), two(2), two(2), two(4), two(6), two(6), one(8), one(9), four(12), four(16)]
    : [one(0), two(4), two(4), one(6), one(7), four(20), four(36)];
  const transport = [two(0), two(2), four(4), four(8), one(12), one(13), one(13), two(14)];
  return [...network, ...transport.map((place) => ({ ...place, at: place.at + tcp }))];
}

export function tcpOffset(ip: Uint8Array): number {
  return ip[0] >>> 4 === 4 ? (ip[0] & 15) * 4 : 40;
}

export function payloadOffset(ip: Uint8Array): number {
  const tcp = tcpOffset(ip);
  return Math.min(ip.length, tcp + (ip[tcp + 12] >>> 4) * 4);
}

/** Of a segment's payload: records, messages, documents, certificates and SCRAM's text, as far as they begin in it. */
export function payloadPlaces(payload: Uint8Array): Place[] {
  const places = [...scramPlaces(payload)];
  if (payload.length < 5) return places;
  if (payload[0] >= 20 && payload[0] <= 24 && payload[1] === 3) places.push(...tlsPlaces(payload));
  else if (MONGO_OPCODES.has(readPlace(payload, fourLittle(12)))) places.push(...mongoPlaces(payload));
  else places.push(...postgresPlaces(payload));
  return places;
}

/** RFC 8446 section 5.1: type, version, length; handshake messages in those of type 22. */
function tlsPlaces(bytes: Uint8Array): Place[] {
  const places: Place[] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = Math.min(bytes.length, at + 5 + readPlace(bytes, two(at + 3)));
    places.push(one(at), two(at + 1), two(at + 3), two(at + 3));
    if (bytes[at] === 21) places.push(one(at + 5), one(at + 6));
    if (bytes[at] === 22) handshakePlaces(bytes, at + 5, end, places);
    at = end;
  }
  return places;
}

const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;

function handshakePlaces(bytes: Uint8Array, start: number, end: number, places: Place[]): void {
  for (let at = start; at + 4 <= end; ) {
    const stop = at + 4 + readPlace(bytes, three(at + 1));
    // Encrypted, or a message over several records.
    if (stop > end) return;
    places.push(one(at), three(at + 1), three(at + 1), two(at + 4));
    const isHello = bytes[at] === CLIENT_HELLO || bytes[at] === SERVER_HELLO;
    // Session identifier, and in ClientHello the suites and compression methods behind it.
    if (isHello) places.push(one(at + 38), two(at + 39 + bytes[at + 38]));
    for (let vector = at + 4; vector + 2 < stop; vector++) {
      // A length that reaches just to the end is that of the last vector of a message: extensions, a chain, a signature.
      if (vector + 2 + readPlace(bytes, two(vector)) === stop) {
        places.push(two(vector));
        if (isHello) extensionPlaces(bytes, vector + 2, stop, places);
      }
      if (vector + 3 + readPlace(bytes, three(vector)) === stop) places.push(three(vector));
      // A certificate: a sequence in a sequence.
      if (bytes[vector] === 0x30 && bytes[vector + 1] === 0x82 && bytes[vector + 4] === 0x30) {
        places.push(three(vector - 3));
        const length = derPlaces(bytes, vector, stop, 0, places);
        vector += Math.max(0, length - 1);
      }
    }
    at = stop;
  }
}

function extensionPlaces(bytes: Uint8Array, start: number, end: number, places: Place[]): void {
  for (let at = start; at + 4 <= end; at += 4 + readPlace(bytes, two(at + 2))) {
    places.push(two(at), two(at + 2), two(at + 4), one(at + 4));
  }
}

/** X.690: tag and length of each element, and of those in it. @returns the element's length. */
function derPlaces(bytes: Uint8Array, at: number, end: number, depth: number, places: Place[]): number {
  if (at + 2 > end || depth > 12) return end - at;
  const first = bytes[at + 1];
  const width = first < 0x80 ? 0 : first & 3;
  const length = width === 0 ? first & 0x7f : readPlace(bytes, { at: at + 2, width: width as 1 | 2 | 3 });
  const start = at + 2 + width;
  const stop = Math.min(end, start + length);
  places.push(one(at), one(at + 1));
  if (width > 0) places.push({ at: at + 2, width: width as 1 | 2 | 3 });
  if ((bytes[at] & 0x20) !== 0) {
    for (let inner = start; inner < stop; ) {
      inner += Math.max(1, derPlaces(bytes, inner, stop, depth + 1, places));
    }
  } else if (stop > start) {
    places.push(one(start));
  }
  return stop - at;
}

/** Start-up packets have a length and a number, the others a letter and a length. */
function postgresPlaces(bytes: Uint8Array): Place[] {
  if (bytes[0] === 0) return [four(0), four(0), four(4), one(bytes.length - 1), one(8)];
  const places: Place[] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    places.push(one(at), four(at + 1), four(at + 1), four(at + 5), one(at + 5));
    at += 1 + Math.max(4, readPlace(bytes, four(at + 1)));
    if (at <= bytes.length) places.push(one(at - 1));
  }
  return places;
}

const MONGO_OPCODES = new Set([1, 2001, 2002, 2004, 2005, 2006, 2007, 2010, 2011, 2012, 2013]);

function mongoPlaces(bytes: Uint8Array): Place[] {
  const places = [0, 0, 4, 8, 12, 16, 20].map(fourLittle);
  places.push(one(20));
  const document = documentOffset(bytes);
  if (document + 4 < bytes.length) {
    places.push(fourLittle(document));
    bsonPlaces(walkBson(bytes.subarray(document)).value.elements, document, places);
  }
  return places;
}

function documentOffset(bytes: Uint8Array): number {
  switch (readPlace(bytes, fourLittle(12))) {
    case 2013:
      return 21;
    case 1:
      return 36;
    case 2004:
      return bytes.indexOf(0, 20) + 9;
    default:
      return bytes.length;
  }
}

/** Types whose value begins with a length: string, document, array, binary, code, symbol. */
const WITH_LENGTH = new Set([2, 3, 4, 5, 12, 13, 14, 15]);

function bsonPlaces(elements: readonly BsonSpan[], base: number, places: Place[]): void {
  for (const { type, offset, valueOffset, children } of elements) {
    places.push(one(base + offset), one(base + offset + 1));
    if (WITH_LENGTH.has(type)) places.push(fourLittle(base + valueOffset), one(base + valueOffset + 4));
    else places.push(one(base + valueOffset));
    if (children) bsonPlaces(children, base, places);
  }
}

/** RFC 5802 section 7: `r=`, `s=`, `i=`, …; the letter, the sign, what follows and the comma before. */
function scramPlaces(bytes: Uint8Array): Place[] {
  const places: Place[] = [];
  for (let at = 1; at + 1 < bytes.length; at++) {
    if (bytes[at] !== 0x3d || !'rsipvncae'.includes(String.fromCharCode(bytes[at - 1]))) continue;
    if (at > 1 && bytes[at - 2] !== 0x2c && !(bytes[at - 2] < 0x20)) continue;
    places.push(one(at - 1), one(at), one(at + 1), one(Math.max(0, at - 2)), { at: at + 1, width: 3 });
  }
  return places;
}

/** Of a capture file that is not damaged yet: header, records or blocks, and options. */
export function filePlaces(file: Uint8Array): Place[] {
  return readPlace(file, four(0)) === 0x0a0d0d0a ? pcapngPlaces(file) : pcapPlaces(file);
}

const LITTLE_PCAP = new Set([0xd4c3b2a1, 0x4d3cb2a1, 0x34cdb2a1]);

function pcapPlaces(file: Uint8Array): Place[] {
  const magic = readPlace(file, four(0));
  const little = LITTLE_PCAP.has(magic);
  const header = magic === 0x34cdb2a1 || magic === 0xa1b2cd34 ? 24 : 16;
  const places: Place[] = [four(0), two(4), four(16), four(20), two(22)].map((place) => ({
    ...place,
    little,
  }));
  for (let at = 24; at + header <= file.length; ) {
    const length: Place = { at: at + 8, width: 4, little };
    places.push({ ...length, at }, { ...length, at: at + 4 }, length, length, { ...length, at: at + 12 });
    at += header + readPlace(file, length);
  }
  return places;
}

/** By block type: fields of the body, and where the options begin (less what a packet takes). */
const BLOCKS: ReadonlyMap<
  number,
  { readonly fields: readonly (readonly [number, 2 | 4])[]; readonly options: number }
> = new Map([
  [
    0x0a0d0d0a,
    {
      fields: [
        [8, 4],
        [12, 2],
        [14, 2],
        [16, 4],
        [20, 4],
      ],
      options: 24,
    },
  ],
  [
    1,
    {
      fields: [
        [8, 2],
        [12, 4],
      ],
      options: 16,
    },
  ],
  [
    2,
    {
      fields: [
        [8, 2],
        [12, 4],
        [16, 4],
        [20, 4],
        [20, 4],
        [24, 4],
      ],
      options: 28,
    },
  ],
  [
    3,
    {
      fields: [
        [8, 4],
        [8, 4],
      ],
      options: 0,
    },
  ],
  [
    4,
    {
      fields: [
        [8, 2],
        [10, 2],
        [10, 2],
      ],
      options: 8,
    },
  ],
  [
    5,
    {
      fields: [
        [8, 4],
        [12, 4],
        [16, 4],
      ],
      options: 20,
    },
  ],
  [
    6,
    {
      fields: [
        [8, 4],
        [12, 4],
        [16, 4],
        [20, 4],
        [20, 4],
        [24, 4],
      ],
      options: 28,
    },
  ],
  [
    10,
    {
      fields: [
        [8, 4],
        [12, 4],
        [12, 4],
      ],
      options: 0,
    },
  ],
]);

function pcapngPlaces(file: Uint8Array): Place[] {
  const places: Place[] = [];
  let little = true;
  for (let at = 0; at + 12 <= file.length; ) {
    if (readPlace(file, four(at)) === 0x0a0d0d0a) little = file[at + 8] === 0x4d;
    const place = (offset: number, width: 2 | 4): Place => ({ at: at + offset, width, little });
    const type = readPlace(file, place(0, 4));
    const length = readPlace(file, place(4, 4));
    places.push(place(0, 4), place(4, 4), place(4, 4), place(length - 4, 4));
    const known = BLOCKS.get(type);
    for (const [offset, width] of known?.fields ?? []) places.push(place(offset, width));
    const packet = type === 6 || type === 2 ? (readPlace(file, place(20, 4)) + 3) & ~3 : 0;
    let option = known?.options ? known.options + packet : length;
    for (; option + 4 <= length - 4; option += 4 + ((readPlace(file, place(option + 2, 2)) + 3) & ~3)) {
      places.push(place(option, 2), place(option + 2, 2), place(option + 4, 4));
    }
    at += Math.max(12, length);
  }
  return places;
}
