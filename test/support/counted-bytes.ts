/** How much of an array a reader looks at: what a bound on its work is held to, on a machine that may be busy. */

export interface CountedBytes {
  readonly bytes: Uint8Array;
  /** Elements read so far, by index or by a search. */
  readonly reads: number;
}

/** The array, counting each element that is read of it. Views of it are not counted. */
export function countedBytes(target: Uint8Array): CountedBytes {
  let reads = 0;
  const bytes = new Proxy(target, {
    get(array, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) {
        reads++;
        return array[Number(key)];
      }
      if (key === 'indexOf')
        return (value: number, from = 0) => {
          const found = array.indexOf(value, from);
          reads += (found < 0 ? array.length : found + 1) - from;
          return found;
        };
      const value: unknown = Reflect.get(array, key, array);
      return typeof value === 'function' ? value.bind(array) : value;
    },
  });
  return {
    bytes,
    get reads() {
      return reads;
    },
  };
}

/** Runs something and counts the elements that typed arrays copied meanwhile, one to another or inside of one. */
export function countCopied(run: () => void): number {
  const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
  const { set, copyWithin } = typedArray;
  let copied = 0;
  typedArray.set = function (this: Uint8Array, source: ArrayLike<number>, at?: number) {
    copied += source.length;
    set.call(this, source, at);
  };
  typedArray.copyWithin = function (this: Uint8Array, to: number, from: number, end = this.length) {
    copied += end - from;
    return copyWithin.call(this, to, from, end);
  };
  try {
    run();
  } finally {
    Object.assign(typedArray, { set, copyWithin });
  }
  return copied;
}
