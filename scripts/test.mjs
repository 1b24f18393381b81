// `npm test`: everything, from a bare checkout. `npm test -- unit lint` runs only the named stages.
// The last line is the sum: `N passed, N failed, N skipped`. A stage's whole output is in out/logs/STAGE.log.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ensureDependencies } from './ensure-dependencies.mjs';
import { outFolder, root } from './paths.mjs';
import { provisionTools, runProgram, runVitest } from './test-stages.mjs';

const node = process.execPath;
const logs = path.join(outFolder, 'logs');

/**
 * Stages of one lane run in turn, the lanes beside each other: fetching real servers waits for the network
 * while the processors check, compile and run what needs none of them.
 */
const LANES = {
  checks: [
    {
      name: 'lint',
      run: () => runProgram('lint', node, [bin('@biomejs/biome', 'bin/biome'), 'ci', '--colors=off', '.']),
    },
    { name: 'typecheck', run: typecheck },
    { name: 'unit', run: () => runVitest('unit', ['unit', 'golden', 'fuzz']) },
    { name: 'build', run: () => runProgram('build', node, ['scripts/package.mjs', '--if-stale']) },
    { name: 'package', run: () => runVitest('package', ['package']) },
  ],
  tools: [{ name: 'provision', run: provisionTools }],
  // These start real programs and watch clocks, so nothing else runs beside them.
  real: [
    // Beside Wireshark's programs, which on a fresh machine are there only now.
    { name: 'conformance', run: () => runVitest('conformance', ['conformance']) },
    { name: 'integration', run: () => runVitest('integration', ['integration']) },
    { name: 'parity', run: () => runVitest('parity', ['parity']) },
    { name: 'webview', run: () => runVitest('webview', ['webview']) },
    { name: 'e2e', run: () => runVitest('e2e', ['e2e']) },
  ],
};

const NAMES = Object.values(LANES)
  .flat()
  .map((stage) => stage.name);
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !NAMES.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`no such stage: ${unknown.join(', ')} (there are ${NAMES.join(', ')})\n`);
  process.exit(2);
}

rmSync(logs, { recursive: true, force: true });
mkdirSync(logs, { recursive: true });
const sum = { passed: 0, failed: 0, skipped: 0 };
const started = Date.now();
try {
  await ensureDependencies();
  await Promise.all([lane(LANES.checks), lane(LANES.tools)]);
  await lane(LANES.real);
} catch (error) {
  print(error.stack);
  sum.failed++;
}
print(`\nall in ${seconds(started)}; logs in ${path.relative(root, logs)}/`);
print(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exit(sum.failed > 0 ? 1 : 0);

async function lane(stages) {
  for (const { name, run } of stages) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const since = Date.now();
    const result = await run();
    for (const key of Object.keys(sum)) sum[key] += result[key];
    const counts = Object.keys(sum).filter((key) => result[key] > 0);
    const mark = result.failed > 0 ? '✗' : '✓';
    print(`${mark} ${name}: ${counts.map((key) => `${result[key]} ${key}`).join(', ')} in ${seconds(since)}`);
    for (const figure of result.figures ?? []) print(`  ${figure}`);
    for (const skipped of result.skips ?? []) print(`  skipped: ${skipped}`);
    if (result.failed > 0) print(indent(result.report));
  }
}

/** The rooms' three views of the world, and the tests': each with the types that its code may see. */
async function typecheck() {
  const projects = [
    'src/tsconfig.pure.json',
    'src/tsconfig.node.json',
    'src/tsconfig.webview.json',
    'test/tsconfig.json',
  ];
  const total = { passed: 0, failed: 0, skipped: 0, report: '' };
  for (const project of projects) {
    if (!existsSync(path.join(root, project))) throw new Error(`${project} is missing`);
    const name = `typecheck-${project.replace(/\W+/g, '-')}`;
    const result = await runProgram(name, node, [bin('typescript', 'bin/tsc'), '-p', project]);
    total.passed += result.passed;
    total.failed += result.failed;
    if (result.failed > 0) total.report += `${project}\n${result.report}\n`;
  }
  return total;
}

function bin(name, file) {
  return path.join(root, 'node_modules', name, file);
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

function indent(text) {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
