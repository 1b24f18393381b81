// Runs a program that must not outlive its caller, however the caller ends: normally, by Ctrl-C, by a
// time-out's SIGKILL. Between the two stands this file as a process of its own, which holds a pipe from the
// caller; the system closes that pipe with the caller, and then the program and all it started are ended.
import { spawn } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const GRACE_MS = 5_000;

/**
 * @param {string} file
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options] `stdio` and `detached` are the tether's own
 * @returns {{ process: import('node:child_process').ChildProcessWithoutNullStreams, exited: Promise<number | null>,
 *   stop: () => Promise<void> }} `process` has the program's stdout and stderr; its pid is the tether's
 */
export function spawnTethered(file, args, options = {}) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), file, ...args], {
    ...options,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true, // A Ctrl-C meant for the caller reaches the program through the pipe, in good order.
  });
  child.stdin.on('error', () => {}); // Stopping what has ended already.
  const exited = new Promise((resolve) => {
    child.once('close', resolve);
    child.once('error', () => resolve(null));
  });
  const stop = async () => {
    child.stdin.end();
    await exited;
  };
  return { process: child, exited, stop };
}

function holdTether([file, ...args]) {
  const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  const signalGroup = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The whole group has ended already.
    }
  };
  const end = () => {
    signalGroup('SIGTERM');
    setTimeout(() => signalGroup('SIGKILL'), GRACE_MS);
  };
  process.stdin.on('end', end).on('error', end).resume();
  process.on('SIGTERM', end).on('SIGINT', end).on('SIGHUP', end);
  child.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(127);
  });
  child.on('exit', (status) => {
    signalGroup('SIGKILL'); // What it had started and left behind.
    process.exit(status ?? 1);
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) holdTether(process.argv.slice(2));
