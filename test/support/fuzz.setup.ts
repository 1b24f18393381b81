// How hard the fuzz tests try: a little in every `npm test`, much more in `npm run fuzz`, which also counts.
import { appendFileSync } from 'node:fs';
import fc, { type RunDetails } from 'fast-check';
import { afterAll } from 'vitest';
import { spent } from './guard';

const runs = Number(process.env.HANDSHAKE_INSPECTOR_FUZZ_RUNS);
const countFile = process.env.HANDSHAKE_INSPECTOR_FUZZ_COUNTS;
let inputs = 0;

/** What fast-check does by itself, and counts the inputs tried. */
function report(details: RunDetails<unknown>): void {
  inputs += details.numRuns + details.numShrinks;
  if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance });
}

fc.configureGlobal({
  ...fc.readConfigureGlobal(),
  ...(runs > 0 ? { numRuns: runs } : {}),
  reporter: report,
});

afterAll(() => {
  if (countFile) appendFileSync(countFile, `${JSON.stringify({ inputs, families: [...spent] })}\n`);
});
