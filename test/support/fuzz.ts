const asked = Number(process.env.HANDSHAKE_INSPECTOR_FUZZ_RUNS);

/** How many inputs a fuzz test tries: what `npm run fuzz` was asked for, else this. */
export function tries(usual: number): number {
  return asked > 0 ? asked : usual;
}
