/** Snappy's raw format (format_description.txt of google/snappy), to a given length: a longer way to say the same fills what is missing. */

/** `from` and `length` of plain bytes, or of bytes to be repeated from `distance` before. */
interface Element {
  readonly from: number;
  readonly length: number;
  readonly distance: number;
  /** Bytes of a literal's length behind its tag. */
  extra: number;
}

const LONGEST_LITERAL = 60;
const LONGEST_COPY = 64;
const SHORTEST_COPY = 4;
const FARTHEST = 65_535;
const MOST_EXTRA = 4;

export function packSnappy(bytes: Uint8Array, length: number): Uint8Array | undefined {
  const prefix = varint(bytes.length);
  const elements = elementsOf(bytes);
  let missing = length - prefix.length - elements.reduce((sum, element) => sum + sizeOf(element), 0);
  for (let i = 0; i < elements.length && missing > 0; i++) {
    const element = elements[i];
    // A copy is written out, and a literal of several bytes is cut behind its first.
    if (element.distance > 0) {
      const more = element.length + Math.ceil(element.length / LONGEST_LITERAL) - sizeOf(element);
      if (more <= missing) {
        elements.splice(i, 1, ...literals(element.from, element.length));
        missing -= more;
        i--;
      } else if (missing > 1 && element.length > 1) {
        // Only its beginning is written out.
        const length = Math.min(element.length - 1, missing - 2, LONGEST_LITERAL);
        const { from, distance } = element;
        const rest = { from: from + length, length: element.length - length, distance, extra: 0 };
        if (length < 1) continue;
        elements.splice(i, 1, { from, length, distance: 0, extra: 0 }, rest);
        missing -= length + 1 + sizeOf(rest) - sizeOf(element);
        i--;
      }
    } else {
      const more = Math.min(MOST_EXTRA, missing);
      element.extra = more;
      missing -= more;
      if (missing > 0 && element.length > 1) {
        elements.splice(
          i,
          1,
          { ...element, length: 1 },
          { from: element.from + 1, length: element.length - 1, distance: 0, extra: 0 },
        );
        missing--;
      }
    }
  }
  if (missing !== 0) return undefined;
  const out = new Uint8Array(length);
  out.set(prefix);
  let at = prefix.length;
  for (const element of elements) at = write(out, at, element, bytes);
  return out;
}

function literals(from: number, length: number): Element[] {
  const list: Element[] = [];
  for (let at = 0; at < length; at += LONGEST_LITERAL) {
    list.push({ from: from + at, length: Math.min(LONGEST_LITERAL, length - at), distance: 0, extra: 0 });
  }
  return list;
}

function sizeOf({ length, distance, extra }: Element): number {
  if (distance > 0) return isNear(length, distance) ? 2 : 3;
  return 1 + extra + length;
}

/** Four to eleven bytes from below 2,048 before take two bytes. */
function isNear(length: number, distance: number): boolean {
  return length >= 4 && length <= 11 && distance < 2_048;
}

/** Greedy: what was seen most lately with the same four bytes is repeated. */
function elementsOf(bytes: Uint8Array): Element[] {
  const elements: Element[] = [];
  const seen = new Map<number, number>();
  let from = 0;
  let at = 0;
  while (at + 4 <= bytes.length) {
    const key = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    const before = seen.get(key);
    seen.set(key, at);
    let same = 0;
    if (before !== undefined && at - before <= FARTHEST) {
      while (same < LONGEST_COPY && at + same < bytes.length && bytes[before + same] === bytes[at + same])
        same++;
    }
    if (before === undefined || same < SHORTEST_COPY) {
      at++;
      continue;
    }
    elements.push(...literals(from, at - from), { from: at, length: same, distance: at - before, extra: 0 });
    at += same;
    from = at;
  }
  elements.push(...literals(from, bytes.length - from));
  return elements;
}

function write(
  out: Uint8Array,
  at: number,
  { from, length, distance, extra }: Element,
  bytes: Uint8Array,
): number {
  if (distance > 0 && isNear(length, distance)) {
    out.set([((distance >>> 8) << 5) | ((length - 4) << 2) | 1, distance & 255], at);
    return at + 2;
  }
  if (distance > 0) {
    out.set([((length - 1) << 2) | 2, distance & 255, distance >>> 8], at);
    return at + 3;
  }
  out[at] = (extra === 0 ? length - 1 : 59 + extra) << 2;
  if (extra > 0) out[at + 1] = length - 1;
  out.set(bytes.subarray(from, from + length), at + 1 + extra);
  return at + 1 + extra + length;
}

function varint(value: number): number[] {
  const parts: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    parts.push(rest < 128 ? rest : (rest & 127) | 128);
    if (rest < 128) return parts;
  }
}
