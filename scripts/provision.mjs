// `npm run provision [-- NAME…]`: has everything installed that the tests and the demo use, and prints where.
import { cacheRoot } from './toolchain/cache.mjs';
import { provide, TOOL_NAMES } from './toolchain/index.mjs';
import { note } from './toolchain/run.mjs';

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !TOOL_NAMES.includes(name));
if (unknown.length > 0) {
  note(`no such tool: ${unknown.join(', ')} (there are ${TOOL_NAMES.join(', ')})`);
  process.exit(2);
}
note(`cache: ${cacheRoot()}`);
const report = {};
for (const name of wanted.length > 0 ? wanted : TOOL_NAMES) report[name] = await provide(name);
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
