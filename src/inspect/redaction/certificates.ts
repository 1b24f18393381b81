import { hex } from '../../base/bytes';
import type { Allowed } from './allowed';
import { KNOWN_IDENTIFIERS } from './known-tls';

/** Tags of X.680. */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  identifier: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universalString: 0x1c,
  bmpString: 0x1e,
} as const;

/** UTF8String, NumericString, PrintableString, TeletexString, VideotexString, IA5String, GraphicString, VisibleString, GeneralString. */
const STRINGS = new Set([0x0c, 0x12, 0x13, 0x14, 0x15, 0x16, 0x19, 0x1a, 0x1b]);
/** rfc822Name, dNSName, uniformResourceIdentifier and iPAddress of a GeneralName (RFC 5280 section 4.2.1.6). */
const GENERAL_NAMES = new Set([0x81, 0x82, 0x86]);
const IP_ADDRESS = 0x87;

const CONSTRUCTED = 0x20;
const MAX_DEPTH = 24;
/** Elements of one structure; what is behind them becomes zeros. */
const MOST_ELEMENTS = 20_000;
const TIME = /^(\d{10}|\d{12}|\d{14})(\.\d{1,3})?(Z|[+-]\d{4})$/;
const ONE = 0x01;
const LETTER = 0x78;

interface Budget {
  left: number;
}

/** Writes a certificate, in DER (RFC 5280), anew: its structure, its lengths, its times and known identifiers stay. */
export function redactCertificate(out: Allowed, start: number, end: number): void {
  redactDer(out, start, end);
}

/** Writes DER elements that follow each other anew. */
export function redactDer(out: Allowed, start: number, end: number): void {
  redactElements(out, start, end, 0, { left: MOST_ELEMENTS });
}

interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/** A DER element with a definite length (X.690 section 8.1) that ends by `limit`. */
function elementAt(bytes: Uint8Array, at: number, limit: number): Element | undefined {
  if (at + 2 > limit || (bytes[at] & 0x1f) === 0x1f) return undefined;
  let length = bytes[at + 1];
  let start = at + 2;
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 3 || start + count > limit) return undefined;
    length = 0;
    for (let i = 0; i < count; i++) length = (length << 8) | bytes[start++];
  }
  return start + length > limit ? undefined : { tag: bytes[at], start, end: start + length };
}

function redactElements(out: Allowed, start: number, end: number, depth: number, budget: Budget): void {
  for (let at = start; at < end; ) {
    const element = elementAt(out.source, at, end);
    if (element === undefined || depth > MAX_DEPTH || budget.left-- <= 0) return;
    out.keep(at, element.start);
    redactElement(out, element, depth, budget);
    at = element.end;
  }
}

function redactElement(out: Allowed, { tag, start, end }: Element, depth: number, budget: Budget): void {
  if ((tag & CONSTRUCTED) !== 0) redactElements(out, start, end, depth + 1, budget);
  else if (STRINGS.has(tag) || GENERAL_NAMES.has(tag)) out.name(start, end);
  else if (tag === TAG.bmpString) wide(out, start, end, 2);
  else if (tag === TAG.universalString) wide(out, start, end, 4);
  else if (tag === IP_ADDRESS) ipAddress(out, start, end);
  else redactPrimitive(out, tag, start, end, depth, budget);
}

function redactPrimitive(
  out: Allowed,
  tag: number,
  start: number,
  end: number,
  depth: number,
  budget: Budget,
): void {
  const { source, bytes } = out;
  switch (tag) {
    case TAG.boolean:
    case TAG.null:
    case TAG.enumerated:
      if (end - start <= 1) out.keep(start, end);
      return;
    case TAG.integer:
      if (end - start <= 2) out.keep(start, end);
      else {
        // Positive, and as many bits as far as the first byte tells: a key keeps its length.
        out.zeros(start, end);
        bytes.fill(ONE, start, end);
        const first = source[start] === 0 ? start + 1 : start;
        if (first > start) bytes[start] = 0;
        bytes[first] = first > start ? 0x80 : ONE;
      }
      return;
    case TAG.bitString:
      bitString(out, start, end, depth, budget);
      return;
    case TAG.octetString:
      if (isWhole(source, start, end)) redactElements(out, start, end, depth + 1, budget);
      else out.zeros(start, end);
      return;
    case TAG.identifier:
      if (KNOWN_IDENTIFIERS.has(hex(source.subarray(start, end)))) out.keep(start, end);
      else {
        out.zeros(start, end);
        bytes.fill(ONE, start, end);
      }
      return;
    case TAG.utcTime:
    case TAG.generalizedTime:
      if (TIME.test(out.text(start, end))) out.formed(start, end, TIME);
      else out.letters(start, end);
      return;
    default:
      out.zeros(start, end);
  }
}

/** Flags stay; a key in it is looked into; anything else is zeros. */
function bitString(out: Allowed, start: number, end: number, depth: number, budget: Budget): void {
  if (end - start <= 3) out.keep(start, end);
  else if (out.source[start] === 0 && isWhole(out.source, start + 1, end)) {
    redactElements(out, start + 1, end, depth + 1, budget);
  } else {
    out.zeros(start + 1, end);
    // An uncompressed point of a curve, of which everything but its length is gone.
    if (out.source[start + 1] === 4) out.bytes[start + 1] = 4;
  }
}

/** Whether the bytes are one constructed element, whole. */
function isWhole(bytes: Uint8Array, start: number, end: number): boolean {
  if (start >= end) return false;
  const element = elementAt(bytes, start, end);
  return (
    element !== undefined && element.end === end && (bytes[start] & 0xc0) === 0 && isPlausible(bytes[start])
  );
}

function isPlausible(tag: number): boolean {
  return tag === 0x30 || tag === 0x31 || tag === TAG.octetString || tag === TAG.bitString || STRINGS.has(tag);
}

/** Text of two or four bytes a character. */
function wide(out: Allowed, start: number, end: number, width: number): void {
  out.zeros(start, end);
  for (let at = start + width - 1; at < end; at += width) out.bytes[at] = LETTER;
}

/** An address stays if the packets show it; else it is that of no host. */
function ipAddress(out: Allowed, start: number, end: number): void {
  const instead = out.names.addressBytes(out.source.subarray(start, end));
  if (instead) out.bytes.set(instead, start);
  else out.zeros(start, end);
}
