/** What bytes say when they are read in another way: characters of two bytes, hexadecimal, base64. */

/** A reading of a stretch of bytes. */
export interface View {
  readonly bytes: Uint8Array;
  /** Where in the original the reading's byte `at` comes from, nearly. */
  readonly place: (at: number) => number;
}

const BASE64 = new Int8Array(256).fill(-1);
for (const [i, letter] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  BASE64[letter.charCodeAt(0)] = i;
}
BASE64[0x2d] = 62;
BASE64[0x5f] = 63;

const HEX = new Int8Array(256).fill(-1);
for (let i = 0; i < 16; i++) {
  HEX[i.toString(16).charCodeAt(0)] = i;
  HEX[i.toString(16).toUpperCase().charCodeAt(0)] = i;
}

/** Every reading of the bytes in which `shortest` bytes of a value could be, the bytes themselves first. */
export function* viewsOf(bytes: Uint8Array, shortest: number): Generator<View> {
  yield { bytes, place: (at) => at };
  for (const parity of [0, 1]) yield wideView(bytes, parity);
  for (const parity of [0, 1]) yield digitView(bytes, HEX, 4, 2 * shortest, parity);
  for (const phase of [0, 1, 2, 3]) yield digitView(bytes, BASE64, 6, Math.floor((4 * shortest) / 3), phase);
}

/** Every second byte that has a zero beside it; of the others a zero. */
function wideView(bytes: Uint8Array, parity: number): View {
  const half = new Uint8Array(Math.max(0, Math.ceil((bytes.length - parity) / 2)));
  for (let i = 0, at = parity; at < bytes.length; i++, at += 2) {
    if (bytes[at + 1] === 0 || (at > 0 && bytes[at - 1] === 0)) half[i] = bytes[at];
  }
  return { bytes: half, place: (at) => 2 * at + parity };
}

/**
 * What runs of digits stand for, from the `phase`-th digit of each run on, with a zero between runs.
 *
 * @param bits of one digit. @param shortest digits of a run that is looked at.
 */
function digitView(
  bytes: Uint8Array,
  digits: Int8Array,
  bits: number,
  shortest: number,
  phase: number,
): View {
  const out = new Uint8Array(bytes.length);
  const runs: { readonly to: number; readonly from: number }[] = [];
  let filled = 0;
  for (let at = 0; at < bytes.length; ) {
    let end = at;
    while (end < bytes.length && digits[bytes[end]] >= 0) end++;
    if (end - at - phase >= shortest) {
      runs.push({ to: filled, from: at + phase });
      let word = 0;
      let count = 0;
      for (let i = at + phase; i < end; i++) {
        word = ((word << bits) | digits[bytes[i]]) & 0xffff;
        count += bits;
        if (count < 8) continue;
        count -= 8;
        out[filled++] = (word >>> count) & 255;
      }
      filled++;
    }
    at = end + 1;
  }
  const place = (at: number) => {
    const run = runs.findLast(({ to }) => to <= at);
    return run ? run.from + Math.floor(((at - run.to) * 8) / bits) : 0;
  };
  return { bytes: out.subarray(0, Math.min(filled, out.length)), place };
}
