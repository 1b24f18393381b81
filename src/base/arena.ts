/** Bytes of one block; what is larger than a share of it gets memory of its own. */
const BLOCK = 32 << 10;
const SHARE = 2 << 10;

let block = new Uint8Array(BLOCK);
let used = 0;

/**
 * A new array of zeros. Small ones share a block: an array buffer of its own costs more than most connections' first bytes. A block lives
 * as long as any of its arrays does.
 */
export function allocate(length: number): Uint8Array {
  if (length > SHARE) return new Uint8Array(length);
  if (used + length > BLOCK) {
    block = new Uint8Array(BLOCK);
    used = 0;
  }
  const array = block.subarray(used, used + length);
  used += length;
  return array;
}

/** A copy, allocated as {@link allocate} does. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = allocate(bytes.length);
  copy.set(bytes);
  return copy;
}

let keptBlock = new Uint8Array(BLOCK);
let keptUsed = 0;

/** Up to here a loop is faster than making a view to copy from. */
const SHORT = 64;

/**
 * {@link copyOf} the first `length` bytes for what is kept long: apart from the others, so that it does not keep their blocks alive.
 */
export function keptCopyOf(bytes: Uint8Array, length = bytes.length): Uint8Array {
  if (length > SHARE) return bytes.slice(0, length);
  if (keptUsed + length > BLOCK) {
    keptBlock = new Uint8Array(BLOCK);
    keptUsed = 0;
  }
  if (length === bytes.length) keptBlock.set(bytes, keptUsed);
  else if (length > SHORT) keptBlock.set(bytes.subarray(0, length), keptUsed);
  else for (let i = 0; i < length; i++) keptBlock[keptUsed + i] = bytes[i];
  const copy = keptBlock.subarray(keptUsed, keptUsed + length);
  keptUsed += length;
  return copy;
}
