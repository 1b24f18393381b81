import { hex, utf8, utf8Between } from '../../base/bytes';
import { sharedText } from '../../base/shared-text';
import {
  type BsonDocumentSpan,
  type BsonSpan,
  BsonType,
  type BsonValueSpan,
  elementPlaces,
  i32le,
  nameEnd,
  SoundDocument,
  valueNamed,
  walkBson,
} from './bson-span';

/** Reads values out of a document, without decoding the rest of it. Missing or of another type is `undefined`. */
export class BsonView {
  /** The elements of a document in which something is wrong. */
  readonly #elements: readonly BsonSpan[] | undefined;
  /** Where a sound document begins. */
  readonly #start: number;
  /** Where its elements begin, when somebody has asked for one. */
  #places: readonly number[] | undefined;

  /** @param found the elements, or where a sound document begins. @param places of its elements, where they are known. */
  constructor(
    readonly bytes: Uint8Array,
    found: readonly BsonSpan[] | number,
    places?: readonly number[],
  ) {
    this.#elements = typeof found === 'number' ? undefined : found;
    this.#start = typeof found === 'number' ? found : 0;
    this.#places = places;
  }

  static of(bytes: Uint8Array, document: BsonDocumentSpan): BsonView {
    if (document instanceof SoundDocument) return new BsonView(bytes, document.offset, document.places);
    return new BsonView(bytes, document.elements);
  }

  get elements(): readonly BsonSpan[] {
    if (this.#elements) return this.#elements;
    return walkBson(this.bytes, this.#start, this.#start + i32le(this.bytes, this.#start)).value.elements;
  }

  /** Name of the first element: the command. Empty for an empty document. */
  get firstName(): string {
    if (this.#elements) return this.#elements[0]?.name ?? '';
    const at = this.#start + 4;
    return this.bytes[at] === 0 ? '' : sharedText(this.bytes, at + 1, nameEnd(this.bytes, at));
  }

  /** The first element of this name, which is ASCII. */
  get(name: string): BsonValueSpan | undefined {
    if (this.#elements) return this.#elements.find((element) => element.name === name);
    this.#places ??= elementPlaces(this.bytes, this.#start);
    const places = this.#places;
    for (let i = 0; i < places.length; i++) {
      const found = valueNamed(this.bytes, places[i], name);
      if (found) return found;
    }
    return undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  string(name: string): string | undefined {
    const span = this.get(name);
    return span && isText(span) ? utf8Between(this.bytes, span.valueOffset + 4, textEnd(span)) : undefined;
  }

  /** {@link string} of a value that many documents share, see {@link sharedText}: no secret. */
  sharedString(name: string): string | undefined {
    const span = this.get(name);
    return span && isText(span) ? sharedText(this.bytes, span.valueOffset + 4, textEnd(span)) : undefined;
  }

  /** Int32, Int64 (rounded where it passes 2^53), double or boolean as a number: what the server calls `isNumber`, and bool. */
  number(name: string): number | undefined {
    const span = this.get(name);
    return span && numberOf(this.bytes, span);
  }

  /** The server's `trueValue()`: numbers other than zero and true. */
  truthy(name: string): boolean {
    return (this.number(name) ?? 0) !== 0;
  }

  /** Binary data without its subtype. */
  binary(name: string): Uint8Array | undefined {
    const span = this.get(name);
    if (span?.type !== BsonType.BINARY) return undefined;
    return this.bytes.subarray(span.valueOffset + 5, span.valueOffset + span.valueLength);
  }

  document(name: string): BsonView | undefined {
    const span = this.get(name);
    return span?.type === BsonType.DOCUMENT ? this.#inside(span) : undefined;
  }

  /** Strings of an array; elements of another type are left out. */
  strings(name: string): string[] | undefined {
    const array = this.get(name);
    if (array?.type !== BsonType.ARRAY) return undefined;
    const texts: string[] = [];
    for (const item of this.#inside(array).elements) {
      if (isText(item)) texts.push(sharedText(this.bytes, item.valueOffset + 4, textEnd(item)));
    }
    return texts;
  }

  #inside(span: BsonValueSpan): BsonView {
    if (!this.#elements) return new BsonView(this.bytes, span.valueOffset);
    return new BsonView(this.bytes, (span as BsonSpan).children ?? []);
  }
}

function isText({ type }: BsonValueSpan): boolean {
  return type === BsonType.STRING || type === BsonType.SYMBOL;
}

/** Before its NUL. */
function textEnd(span: BsonValueSpan): number {
  return span.valueOffset + span.valueLength - 1;
}

function numberOf(bytes: Uint8Array, span: BsonValueSpan): number | undefined {
  switch (span.type) {
    case BsonType.INT32:
      return i32le(bytes, span.valueOffset);
    case BsonType.DOUBLE:
      return viewOf(bytes).getFloat64(span.valueOffset, true);
    case BsonType.INT64:
      return Number(viewOf(bytes).getBigInt64(span.valueOffset, true));
    case BsonType.BOOLEAN:
      return bytes[span.valueOffset];
    default:
      return undefined;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** One line of text for a value, at most `limit` characters; documents and arrays as their size only. */
export function bsonValueText(bytes: Uint8Array, span: BsonSpan, limit = 200): string {
  const text = fullText(bytes, span, limit);
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}

function fullText(bytes: Uint8Array, span: BsonSpan, limit: number): string {
  const at = span.valueOffset;
  // Four bytes of UTF-8 are the most a character takes, so this never cuts below the limit.
  const piece = (from: number, length: number): string =>
    utf8(bytes.subarray(from, from + Math.min(length, 4 * limit + 4)));
  switch (span.type) {
    case BsonType.DOUBLE:
    case BsonType.INT32:
      return String(numberOf(bytes, span));
    case BsonType.INT64:
      return String(viewOf(bytes).getBigInt64(at, true));
    case BsonType.BOOLEAN:
      return bytes[at] === 0 ? 'false' : 'true';
    case BsonType.STRING:
    case BsonType.CODE:
    case BsonType.SYMBOL:
      return piece(at + 4, span.valueLength - 5);
    case BsonType.BINARY:
      return hex(bytes.subarray(at + 5, at + 5 + Math.min(span.valueLength - 5, limit)));
    case BsonType.OBJECT_ID:
      return hex(bytes.subarray(at, at + 12));
    case BsonType.DATE:
      return dateText(Number(viewOf(bytes).getBigInt64(at, true)));
    case BsonType.TIMESTAMP:
      return `${viewOf(bytes).getUint32(at + 4, true)}:${viewOf(bytes).getUint32(at, true)}`;
    case BsonType.REGEX:
      return piece(at, span.valueLength - 1).replace('\0', '/');
    case BsonType.DOCUMENT:
    case BsonType.ARRAY: {
      const count = span.children?.length;
      const noun = span.type === BsonType.ARRAY ? 'items' : 'fields';
      return count === undefined ? 'not read' : `${count} ${noun}`;
    }
    case BsonType.NULL:
      return 'null';
    case BsonType.UNDEFINED:
      return 'undefined';
    case BsonType.MIN_KEY:
      return 'MinKey';
    case BsonType.MAX_KEY:
      return 'MaxKey';
    default:
      return hex(bytes.subarray(at, at + Math.min(span.valueLength, limit)));
  }
}

function dateText(millis: number): string {
  const date = new Date(millis);
  return Number.isNaN(date.getTime()) ? `${millis} ms` : date.toISOString();
}
