const origin = performance.timeOrigin;

/** Milliseconds since 1970 with a fraction: the clock of every recorded event. Monotonic while the process lives. */
export function now(): number {
  return origin + performance.now();
}
