import { type Decoded, type Issue, issue } from '../../base/issue';
import { sharedText } from '../../base/shared-text';

/** BSON element types (bsonspec.org, version 1.1). */
export const BsonType = {
  DOUBLE: 0x01,
  STRING: 0x02,
  DOCUMENT: 0x03,
  ARRAY: 0x04,
  BINARY: 0x05,
  UNDEFINED: 0x06,
  OBJECT_ID: 0x07,
  BOOLEAN: 0x08,
  DATE: 0x09,
  NULL: 0x0a,
  REGEX: 0x0b,
  DB_POINTER: 0x0c,
  CODE: 0x0d,
  SYMBOL: 0x0e,
  CODE_WITH_SCOPE: 0x0f,
  INT32: 0x10,
  TIMESTAMP: 0x11,
  INT64: 0x12,
  DECIMAL128: 0x13,
  MAX_KEY: 0x7f,
  MIN_KEY: 0xff,
} as const;

/** A value and where its bytes are, from the start of the array that was walked. */
export interface BsonValueSpan {
  readonly type: number;
  /** The type byte; the name follows. */
  readonly offset: number;
  readonly valueOffset: number;
  readonly valueLength: number;
}

/** One element of a document. */
export interface BsonSpan extends BsonValueSpan {
  readonly name: string;
  /** Type byte, name and value. */
  readonly length: number;
  /** Elements of a document or array; absent for other types and where {@link BSON_LIMITS} stopped the walk. */
  readonly children?: readonly BsonSpan[];
}

export interface BsonDocumentSpan {
  readonly offset: number;
  /** The document's own length word, cut to what is there. */
  readonly length: number;
  readonly elements: readonly BsonSpan[];
}

/** MongoDB itself refuses more than 200 levels (`BSONDepth`); the element bound keeps a hostile document cheap. */
export const BSON_LIMITS = { depth: 200, elements: 20_000 } as const;

interface Walk {
  readonly bytes: Uint8Array;
  readonly issues: Issue[];
  elements: number;
}

/**
 * Finds the byte range of every element of the BSON document at `start`, down to {@link BSON_LIMITS}. Never throws; what
 * is damaged ends the document it is in, and is an issue with its offset.
 */
export function walkBson(bytes: Uint8Array, start = 0, end = bytes.length): Decoded<BsonDocumentSpan> {
  const walk: Walk = { bytes, issues: [], elements: 0 };
  const value = walkDocument(walk, start, Math.min(end, bytes.length), 1);
  return { value, issues: walk.issues };
}

function report(walk: Walk, code: string, message: string, offset: number): void {
  if (walk.issues.length < 20) walk.issues.push(issue(code, message, offset));
}

function walkDocument(walk: Walk, start: number, limit: number, depth: number): BsonDocumentSpan {
  const available = Math.max(0, limit - start);
  if (available < 5) {
    report(walk, 'BSON_CUT', `A document needs 5 bytes, ${available} are there`, start);
    return { offset: start, length: available, elements: [] };
  }
  const claimed = i32le(walk.bytes, start);
  if (claimed < 5 || claimed > available) {
    report(walk, 'BSON_BAD_LENGTH', `A document claims ${claimed} bytes where ${available} are there`, start);
    if (claimed < 5) return { offset: start, length: available, elements: [] };
  }
  const length = Math.min(claimed, available);
  const end = start + length;
  const elements: BsonSpan[] = [];
  let at = start + 4;
  while (at < end) {
    if (walk.bytes[at] === 0) {
      if (at !== end - 1)
        report(walk, 'BSON_SURPLUS', `${end - 1 - at} bytes follow the end of a document`, at);
      return { offset: start, length, elements };
    }
    if (++walk.elements > BSON_LIMITS.elements) {
      report(walk, 'BSON_TOO_MANY', `More than ${BSON_LIMITS.elements} elements; the rest is not read`, at);
      return { offset: start, length, elements };
    }
    const element = walkElement(walk, at, end, depth);
    if (!element) return { offset: start, length, elements };
    elements.push(element);
    at += element.length;
  }
  report(walk, 'BSON_NO_END', 'A document has no terminating zero', start);
  return { offset: start, length, elements };
}

function walkElement(walk: Walk, at: number, end: number, depth: number): BsonSpan | undefined {
  const type = walk.bytes[at];
  const nul = findZero(walk.bytes, at + 1, end);
  if (nul < 0) {
    report(walk, 'BSON_CUT', 'An element name has no end', at);
    return undefined;
  }
  const name = sharedText(walk.bytes, at + 1, nul);
  const valueOffset = nul + 1;
  const valueLength = valueBytes(walk.bytes, type, valueOffset, end);
  if (valueLength < 0 || valueOffset + valueLength > end) {
    const what =
      valueLength === UNKNOWN_TYPE
        ? `has the unknown type 0x${type.toString(16)}`
        : 'does not fit its document';
    report(walk, 'BSON_BAD_VALUE', `The element "${name.slice(0, 64)}" ${what}`, at);
    return undefined;
  }
  const next = valueOffset + valueLength;
  const length = next - at;
  if (type !== BsonType.DOCUMENT && type !== BsonType.ARRAY) {
    return { name, type, offset: at, length, valueOffset, valueLength };
  }
  if (depth >= BSON_LIMITS.depth) {
    report(walk, 'BSON_TOO_DEEP', `Nested deeper than ${BSON_LIMITS.depth} levels; not read further`, at);
    return { name, type, offset: at, length, valueOffset, valueLength };
  }
  const children = walkDocument(walk, valueOffset, next, depth + 1).elements;
  return { name, type, offset: at, length, valueOffset, valueLength, children };
}

const UNKNOWN_TYPE = -2;
const DOES_NOT_FIT = -1;
/** How long the value is, its first bytes tell. */
const TELLS_LENGTH = -3;

/** Bytes of a value by its type. */
const FIXED_BYTES = fixedBytes();

function fixedBytes(): Int8Array {
  const bytes = new Int8Array(256).fill(UNKNOWN_TYPE);
  const { NULL, UNDEFINED, MIN_KEY, MAX_KEY, BOOLEAN, INT32, DOUBLE, DATE, TIMESTAMP, INT64 } = BsonType;
  for (const type of [NULL, UNDEFINED, MIN_KEY, MAX_KEY]) bytes[type] = 0;
  bytes[BOOLEAN] = 1;
  bytes[INT32] = 4;
  for (const type of [DOUBLE, DATE, TIMESTAMP, INT64]) bytes[type] = 8;
  bytes[BsonType.OBJECT_ID] = 12;
  bytes[BsonType.DECIMAL128] = 16;
  const { STRING, CODE, SYMBOL, DOCUMENT, ARRAY, CODE_WITH_SCOPE, BINARY, DB_POINTER, REGEX } = BsonType;
  for (const type of [STRING, CODE, SYMBOL, DOCUMENT, ARRAY, CODE_WITH_SCOPE, BINARY, DB_POINTER, REGEX]) {
    bytes[type] = TELLS_LENGTH;
  }
  return bytes;
}

/** Bytes of a value of `type` at `at`; negative when it cannot be told. */
function valueBytes(bytes: Uint8Array, type: number, at: number, end: number): number {
  const fixed = FIXED_BYTES[type];
  return fixed === TELLS_LENGTH ? toldBytes(bytes, type, at, end) : fixed;
}

function toldBytes(bytes: Uint8Array, type: number, at: number, end: number): number {
  switch (type) {
    case BsonType.DOCUMENT:
    case BsonType.ARRAY:
    case BsonType.CODE_WITH_SCOPE:
      return prefixed(bytes, at, end, 0, 5);
    case BsonType.BINARY:
      return prefixed(bytes, at, end, 5, 0);
    case BsonType.DB_POINTER:
      return prefixed(bytes, at, end, 16, 1);
    case BsonType.REGEX: {
      const pattern = findZero(bytes, at, end);
      const options = pattern < 0 ? -1 : findZero(bytes, pattern + 1, end);
      return options < 0 ? DOES_NOT_FIT : options + 1 - at;
    }
    default:
      // A text with its NUL.
      return prefixed(bytes, at, end, 4, 1);
  }
}

/** A value that begins with its length, which is at least `minimum` and leaves out `extra` bytes. */
function prefixed(bytes: Uint8Array, at: number, end: number, extra: number, minimum: number): number {
  if (at + 4 > end) return DOES_NOT_FIT;
  const claimed = i32le(bytes, at);
  return claimed < minimum ? DOES_NOT_FIT : claimed + extra;
}

/** Index of the next zero byte before `end`, or -1. It looks no further: a search to the array's end could be made quadratic. */
function findZero(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    if (bytes[at] === 0) return at;
  }
  return -1;
}

/** Signed 32 bits; the caller knows that they are there. */
export function i32le(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

/** A document in which nothing is wrong: its elements are made when they are asked for. */
export class SoundDocument implements BsonDocumentSpan {
  constructor(
    readonly bytes: Uint8Array,
    readonly offset: number,
    readonly length: number,
    /** Where each element begins. */
    readonly places: readonly number[],
  ) {}

  get elements(): readonly BsonSpan[] {
    return walkBson(this.bytes, this.offset, this.offset + this.length).value.elements;
  }
}

/**
 * The document at `start`, if {@link walkBson} would find nothing wrong with it. Only the places of its elements are noted: of most
 * documents a few values are asked by name.
 */
export function soundDocument(bytes: Uint8Array, start: number, end: number): SoundDocument | undefined {
  const places: number[] = [];
  soundElements = 0;
  const length = soundLength(bytes, start, Math.min(end, bytes.length), 1, places);
  return length < 0 ? undefined : new SoundDocument(bytes, start, length, places);
}

let soundElements = 0;

/** Length of a sound document, or -1. `places` is filled for the outermost one. */
function soundLength(
  bytes: Uint8Array,
  start: number,
  limit: number,
  depth: number,
  places: number[] | undefined,
): number {
  if (limit - start < 5) return -1;
  const length = i32le(bytes, start);
  if (length < 5 || length > limit - start) return -1;
  const end = start + length;
  let at = start + 4;
  while (at < end) {
    const type = bytes[at];
    if (type === 0) return at === end - 1 ? length : -1;
    if (++soundElements > BSON_LIMITS.elements) return -1;
    const nul = findZero(bytes, at + 1, end);
    if (nul < 0) return -1;
    const valueLength = valueBytes(bytes, type, nul + 1, end);
    const next = nul + 1 + valueLength;
    if (valueLength < 0 || next > end) return -1;
    if (type === BsonType.DOCUMENT || type === BsonType.ARRAY) {
      if (depth >= BSON_LIMITS.depth) return -1;
      if (soundLength(bytes, nul + 1, next, depth + 1, undefined) < 0) return -1;
    }
    places?.push(at);
    at = next;
  }
  return -1;
}

/** Where each element of the document at `start` begins, which is sound because the one around it is. */
export function elementPlaces(bytes: Uint8Array, start: number): number[] {
  const places: number[] = [];
  const end = start + i32le(bytes, start);
  for (let at = start + 4; at < end && bytes[at] !== 0; ) {
    places.push(at);
    const nul = findZero(bytes, at + 1, end);
    at = nul + 1 + valueBytes(bytes, bytes[at], nul + 1, end);
  }
  return places;
}

/** The value of the element at `at`, if that has this name, of ASCII characters. The element is one of a sound document. */
export function valueNamed(bytes: Uint8Array, at: number, name: string): BsonValueSpan | undefined {
  const nul = at + 1 + name.length;
  if (bytes[nul] !== 0) return undefined;
  for (let i = 0; i < name.length; i++) {
    if (bytes[at + 1 + i] !== name.charCodeAt(i)) return undefined;
  }
  const type = bytes[at];
  const valueLength = valueBytes(bytes, type, nul + 1, bytes.length);
  return { type, offset: at, valueOffset: nul + 1, valueLength };
}

/** Where the name of an element that begins at `at` ends: at its NUL. */
export function nameEnd(bytes: Uint8Array, at: number): number {
  return findZero(bytes, at + 1, bytes.length);
}

/** Whether the document at `start` has a first element that is whole; what lies inside it is not looked at. */
export function beginsWithElement(bytes: Uint8Array, start: number, limit: number): boolean {
  const end = Math.min(limit, bytes.length);
  const at = start + 4;
  if (at >= end || bytes[at] === 0) return false;
  const nul = findZero(bytes, at + 1, end);
  if (nul < 0) return false;
  const valueLength = valueBytes(bytes, bytes[at], nul + 1, end);
  return valueLength >= 0 && nul + 1 + valueLength <= end;
}
