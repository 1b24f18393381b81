const asked = Number(process.env.HANDSHAKE_INSPECTOR_FUZZ_RUNS);

/**
 * How many inputs a fuzz test tries: what `npm run fuzz` was asked for, else `usual`.
 *
 * @param share of what was asked for, for tests that take long over an input.
 */
export function tries(usual: number, share = 1): number {
  return asked > 0 ? Math.ceil(asked * share) : usual;
}
