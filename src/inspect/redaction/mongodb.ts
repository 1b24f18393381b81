import { i32le, walkBson } from '../../mongodb/wire/bson-span';
import { crc32c } from '../../mongodb/wire/crc32c';
import { HEADER_BYTES, MsgFlag, Opcode } from '../../mongodb/wire/opcodes';
import { parseHeader } from '../../mongodb/wire/wire';
import { Allowed } from './allowed';
import { foreignGreeting } from './foreign-greeting';
import { KEYS } from './known-mongodb';
import { redactCompressed } from './mongo-compressed';
import { keepLength, redactDocument } from './mongo-document';
import type { Names } from './names';

/** Sections and documents looked at in one message; what is behind them becomes zeros. */
const MOST_PARTS = 2_000;
/** A document's length word and its last byte. */
const SMALLEST_DOCUMENT = 5;

/** Writes one message of the wire protocol anew, header included: what MongoDB's protocol fixes stays, and nothing else. */
export function redactMongo(bytes: Uint8Array, names: Names, fromServer: boolean): void {
  const result = parseHeader(bytes);
  const out = new Allowed(bytes, names);
  if (result.kind !== 'header') {
    out.keep(0, foreignGreeting(out.source));
    return;
  }
  out.keep(0, HEADER_BYTES);
  const { opcode } = result.header;
  const body = new Body(out, fromServer);
  switch (opcode) {
    case Opcode.QUERY:
      body.numbers(4);
      body.string(undefined);
      body.numbers(8);
      body.documents();
      return;
    case Opcode.REPLY:
      body.reply();
      return;
    case Opcode.COMMAND:
      body.string(undefined);
      body.string(KEYS);
      body.documents();
      return;
    case Opcode.COMMANDREPLY:
      body.documents();
      return;
    case Opcode.MSG:
      body.message();
      return;
    case Opcode.COMPRESSED:
      redactCompressed(out, result.header, (inner) => redactMongo(inner, names, fromServer));
  }
}

/** Writes messages anew that follow each other, the last of them perhaps in part. */
export function redactMessages(bytes: Uint8Array, names: Names, fromServer: boolean): void {
  for (let at = 0; at < bytes.length; ) {
    const result = parseHeader(bytes, at);
    const length = result.kind === 'header' ? result.header.messageLength : bytes.length - at;
    redactMongo(bytes.subarray(at, Math.min(bytes.length, at + length)), names, fromServer);
    at += length;
  }
}

/** What follows a header, part by part. */
class Body {
  #at = HEADER_BYTES;
  #end: number;
  #parts = 0;

  constructor(
    private readonly out: Allowed,
    private readonly fromServer: boolean,
  ) {
    this.#end = out.length;
  }

  numbers(length: number): void {
    this.out.keep(this.#at, Math.min(this.#at + length, this.#end));
    this.#at += length;
  }

  /** A string with its NUL: one of `known`, or a name. */
  string(known: ReadonlySet<string> | undefined, limit = this.#end): void {
    const start = Math.min(this.#at, limit);
    const end = this.out.stringEnd(start, limit);
    if (known) this.out.known(start, end, known);
    else this.out.name(start, end);
    this.#at = end + 1;
  }

  /** Flags, a cursor that names something on the server, and two numbers before the documents. */
  reply(): void {
    this.numbers(4);
    this.out.zeros(this.#at, this.#at + 8);
    this.#at += 8;
    this.numbers(8);
    this.documents();
  }

  documents(limit = this.#end): void {
    while (this.#at + SMALLEST_DOCUMENT <= limit && this.#parts++ < MOST_PARTS) {
      const span = walkBson(this.out.source, this.#at, limit).value;
      redactDocument(this.out, span, this.fromServer);
      this.#at += Math.max(span.length, SMALLEST_DOCUMENT);
    }
  }

  /** OP_MSG: flags, sections, and a checksum if the flags say so. */
  message(): void {
    const { out } = this;
    const flags = out.source[this.#at] ?? 0;
    this.numbers(4);
    const checked = (flags & MsgFlag.CHECKSUM_PRESENT) !== 0 && out.length >= HEADER_BYTES + 8;
    if (checked) this.#end -= 4;
    while (this.#at < this.#end && this.#parts++ < MOST_PARTS) {
      const kind = out.source[this.#at];
      const start = this.#at;
      this.numbers(1);
      if (kind === 0) {
        const span = walkBson(out.source, this.#at, this.#end).value;
        redactDocument(out, span, this.fromServer);
        this.#at += Math.max(span.length, SMALLEST_DOCUMENT);
      } else if (kind === 1) {
        keepLength(out, this.#at, this.#end - this.#at);
        this.#at += 4;
        const length = i32le(out.source, Math.min(start + 1, out.length - 4));
        const end = start + 1 + length;
        if (length < 5 || end > this.#end) break;
        this.string(KEYS, end);
        this.documents(end);
        this.#at = end;
      } else break;
    }
    if (!checked) return;
    const at = out.length - 4;
    new DataView(out.bytes.buffer, out.bytes.byteOffset).setUint32(
      at,
      crc32c(out.bytes.subarray(0, at)),
      true,
    );
  }
}
