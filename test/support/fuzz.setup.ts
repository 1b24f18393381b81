// How hard the fuzz tests try: a little in every `npm test`, much more in `npm run fuzz`.
import fc from 'fast-check';

const runs = Number(process.env.HANDSHAKE_INSPECTOR_FUZZ_RUNS);
if (runs > 0) fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns: runs });
