// How one stage of `npm test` is run and counted.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { outFolder, root } from './paths.mjs';
import { provide, TOOL_NAMES } from './toolchain/index.mjs';

const STAGE_TIMEOUT_MS = 20 * 60_000;
const REPORTED_LINES = 80;

/**
 * @typedef {object} StageResult
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string[]} [skips] what was skipped and why, a line each
 * @property {string[]} [figures] what was measured, a line each
 * @property {string} report the end of what it printed
 */

/** A program that passes or fails as a whole, counted as one. @returns {Promise<StageResult>} */
export async function runProgram(name, file, args) {
  const { status, output } = await logged(name, file, args);
  const passed = status === 0;
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0, report: tail(output) };
}

/** The tests of some of vitest's projects, counted one by one. @returns {Promise<StageResult>} */
export async function runVitest(name, projects) {
  const json = path.join(outFolder, 'logs', `${name}.json`);
  const { status, output } = await logged(name, process.execPath, [
    path.join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${json}`,
  ]);
  const figures = output.match(/^(combinations \d|agreement: |opening: ).*$/gm) ?? [];
  const result = { passed: 0, failed: 0, skipped: 0, skips: [], figures, report: tail(output) };
  if (existsSync(json)) count(JSON.parse(readFileSync(json, 'utf8')), result);
  // A run that ends badly without a failed test has failed too: it crashed, or found no tests at all.
  if (status !== 0 && result.failed === 0) result.failed = 1;
  return result;
}

function count({ testResults }, result) {
  for (const file of testResults) {
    if (file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed')) {
      result.failed++; // The file itself could not be run, or a hook of it failed.
    }
    for (const test of file.assertionResults) {
      if (test.status === 'passed') result.passed++;
      else if (test.status === 'failed') result.failed++;
      else {
        result.skipped++;
        result.skips.push(`${path.relative(root, file.name)}: ${test.fullName}`);
      }
    }
  }
}

/** Has every real server, client and editor found or installed. @returns {Promise<StageResult>} */
export async function provisionTools() {
  const skips = [];
  for (const name of TOOL_NAMES) {
    const found = await provide(name);
    if (found.skipped) skips.push(`${name}: ${found.skipped}`);
  }
  return { passed: TOOL_NAMES.length - skips.length, failed: 0, skipped: skips.length, skips, report: '' };
}

function logged(name, file, args) {
  return new Promise((resolve) => {
    const log = createWriteStream(path.join(outFolder, 'logs', `${name}.log`));
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };
    const child = spawn(file, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (data) => {
      output += data;
      log.write(data);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => {
      keep(`\nstopped after ${STAGE_TIMEOUT_MS / 60_000} minutes\n`);
      child.kill('SIGKILL');
    }, STAGE_TIMEOUT_MS);
    const done = (status) => {
      clearTimeout(timer);
      log.end();
      resolve({ status, output });
    };
    child.on('error', (error) => {
      keep(`${error.message}\n`);
      done(127);
    });
    // A test that leaves a process behind would hold the pipe open: the program's own end is what counts.
    child.on('exit', (status) => setTimeout(done, 200, status ?? 1));
  });
}

function tail(output) {
  return output.trimEnd().split('\n').slice(-REPORTED_LINES).join('\n');
}
