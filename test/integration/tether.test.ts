import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { root } from '../../scripts/paths.mjs';
import { spawnTethered } from '../../scripts/toolchain/tether.mjs';

const SLEEPER = "process.stdout.write(String(process.pid) + '\\n'); setInterval(() => {}, 1000)";

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function ends(pid: number): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (runs(pid)) {
    if (Date.now() > deadline) throw new Error(`process ${pid} is still there`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('a tethered program ends when it is told to', async () => {
  const program = spawnTethered(process.execPath, ['-e', SLEEPER]);
  const [line] = await once(program.process.stdout, 'data');
  const pid = Number(String(line).trim());
  expect(runs(pid)).toBe(true);
  await program.stop();
  await ends(pid);
});

test('a tethered program ends with its caller, even one that is killed outright', async () => {
  const tether = pathToFileURL(path.join(root, 'scripts/toolchain/tether.mjs')).href;
  const caller = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `const { spawnTethered } = await import(${JSON.stringify(tether)});
     spawnTethered(process.execPath, ['-e', ${JSON.stringify(SLEEPER)}]).process.stdout.pipe(process.stdout);`,
  ]);
  const [line] = await once(caller.stdout, 'data');
  const pid = Number(String(line).trim());
  expect(runs(pid)).toBe(true);
  caller.kill('SIGKILL');
  await ends(pid);
});
