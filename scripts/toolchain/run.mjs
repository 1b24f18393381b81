// Running other programs from the scripts: output collected and shown only when it is needed.
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Says something on stderr: stdout belongs to the program that a script runs in the end. */
export function note(message) {
  process.stderr.write(`[handshake-inspector] ${message}\n`);
}

/**
 * Runs a program to its end.
 * @param {string} file
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number }} [options]
 * @returns {Promise<string>} what it printed, both streams; rejects with the end of it on a non-zero status
 */
export function run(file, args, { cwd, env, timeoutMs = 10 * 60_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.stderr.on('data', (data) => {
      output += data;
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      if (status === 0) return resolve(output);
      const ending = late
        ? `after ${timeoutMs / 1000} s without an end`
        : `with ${signal ?? `status ${status}`}`;
      const tail = output.trimEnd().split('\n').slice(-15).join('\n');
      reject(new Error(`${path.basename(file)} ${args.join(' ')} ended ${ending}\n${tail}`));
    });
  });
}

/**
 * @param {string[]} names program names, best first
 * @returns {string | undefined} absolute path of the first that is on PATH
 */
export function onPath(...names) {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  // Debian keeps servers and sniffers where an ordinary user's PATH does not look.
  if (process.platform !== 'win32') folders.push('/usr/sbin', '/sbin');
  for (const name of names) {
    for (const folder of folders) {
      const file = path.resolve(folder, name);
      if (executable(file)) return file;
    }
  }
  return undefined;
}

/** @param {string} file */
export function executable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
