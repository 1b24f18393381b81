import {
  type BsonDocumentSpan,
  type BsonSpan,
  BsonType,
  i32le,
  walkBson,
} from '../../mongodb/wire/bson-span';
import { MAX_MESSAGE_BYTES } from '../../mongodb/wire/opcodes';
import type { Allowed } from './allowed';
import {
  CODE_NAME,
  CODE_NAMES,
  HEX_KEYS,
  KEYS,
  NUMBERS,
  SECRET_KEYS,
  SENTENCES,
  TEXTS,
  VERSION,
  VERSION_KEYS,
} from './known-mongodb';
import { blankHex, blankSasl } from './secrets';

/** Length before a string, and the NUL behind it; length and subtype before binary data. */
const LENGTH = 4;
/** Bytes of an empty document. */
const SMALLEST = 5;
const TOO_LONG = [0xff, 0xff, 0xff, 0x7f];
const BINARY_HEADER = 5;
/** An array's keys count its elements. */
const INDEX = /^\d{1,6}$/;

interface Context {
  readonly fromServer: boolean;
  /** What the array or document is called; an array's elements are called as the array. */
  readonly name: string;
  readonly array: boolean;
}

/** Writes a document anew: lengths, types and known keys stay, and those values that the protocol fixes. */
export function redactDocument(out: Allowed, span: BsonDocumentSpan, fromServer: boolean): void {
  keepLength(out, span.offset, span.length);
  redactElements(out, span.elements, { fromServer, name: '', array: false });
}

/**
 * The length word of a document; its last byte is a zero already. Of a cut message a length may be more than is there; what is more than
 * any message may have is no length, and becomes another such.
 *
 * @param length bytes that are there.
 */
export function keepLength(out: Allowed, start: number, length: number): void {
  if (length < SMALLEST || start + LENGTH > out.length) return;
  const claimed = i32le(out.source, start);
  if (claimed > MAX_MESSAGE_BYTES) out.bytes.set(TOO_LONG, start);
  else if (claimed >= 0) out.keep(start, start + LENGTH);
}

function redactElements(out: Allowed, elements: readonly BsonSpan[], context: Context): void {
  for (const element of elements) {
    const { offset, valueOffset, name } = element;
    out.keep(offset, offset + 1);
    const end = valueOffset - 1;
    if (context.array && INDEX.test(name)) out.keep(offset + 1, end);
    else out.known(offset + 1, end, KEYS);
    redactValue(out, element, { ...context, name: context.array ? context.name : name });
  }
}

function redactValue(out: Allowed, element: BsonSpan, context: Context): void {
  const { type, valueOffset: at, valueLength: length } = element;
  const end = at + length;
  switch (type) {
    case BsonType.DOCUMENT:
    case BsonType.ARRAY:
      keepLength(out, at, length);
      redactElements(out, element.children ?? [], { ...context, array: type === BsonType.ARRAY });
      return;
    case BsonType.STRING:
    case BsonType.SYMBOL:
    case BsonType.CODE:
      out.keep(at, at + LENGTH);
      redactString(out, at + LENGTH, end - 1, context);
      return;
    case BsonType.BINARY:
      out.keep(at, at + BINARY_HEADER);
      if (context.name === 'payload') blankSasl(out, at + BINARY_HEADER, end);
      else out.zeros(at + BINARY_HEADER, end);
      return;
    case BsonType.BOOLEAN:
      out.bytes[at] = out.source[at] === 0 ? 0 : 1;
      return;
    case BsonType.INT32:
    case BsonType.INT64:
    case BsonType.DOUBLE:
      if (NUMBERS.has(context.name)) out.keep(at, end);
      else out.zeros(at, end);
      return;
    case BsonType.REGEX:
      out.letters(at, end);
      return;
    case BsonType.DB_POINTER:
      out.keep(at, at + LENGTH);
      out.name(at + LENGTH, end - 13);
      return;
    case BsonType.CODE_WITH_SCOPE:
      redactScoped(out, at, end);
  }
}

/** Length, a string with its length, and the document of its scope. */
function redactScoped(out: Allowed, at: number, end: number): void {
  out.keep(at, Math.min(at + 2 * LENGTH, end));
  const code = at + 2 * LENGTH;
  const nul = out.stringEnd(code, end);
  out.letters(code, nul);
  if (nul + 1 < end) redactDocument(out, walkBson(out.source, nul + 1, end).value, false);
}

function redactString(out: Allowed, start: number, end: number, { name, fromServer }: Context): void {
  const text = out.text(start, end);
  if (HEX_KEYS.has(name)) blankHex(out, start, end);
  else if (name === 'payload') blankSasl(out, start, end);
  else if (SECRET_KEYS.has(name)) out.letters(start, end);
  else if (name === 'mechanism' || (name === 'saslSupportedMechs' && fromServer))
    out.known(start, end, TEXTS);
  else if (name === 'codeName') {
    if (CODE_NAMES.has(text) || CODE_NAME.test(text)) out.formed(start, end, /./);
    else out.name(start, end);
  } else if (SENTENCES.has(name) && text !== 'isdbgrid') out.sentence(start, end);
  else if (VERSION_KEYS.has(name) && VERSION.test(text)) out.formed(start, end, VERSION);
  else if (name === 'user' || name === 'db' || name === '$db') out.name(start, end);
  else out.known(start, end, TEXTS);
}
