/** The ways in which a peer's bytes may arrive: whole, one at a time, in twos and threes. */
export const CHUNKS = [Number.POSITIVE_INFINITY, 1, 2, 3, 7] as const;

/** Cuts bytes into pieces of at most `size`. */
export function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  const step = Math.min(size, Math.max(1, bytes.length));
  for (let at = 0; at < bytes.length; at += step) yield bytes.slice(at, at + step);
}
