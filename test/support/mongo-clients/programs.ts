/** Clients that are programs of their own: each prints its version, then one line of JSON for each connection string. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Tools, tool } from '../toolchain';
import type { LoginAnswer, MongoTestClient } from './answer';

const LOGIN_MS = 120_000;

/** Runs such a program. Rejects with what it printed on stderr when it ends badly or says too little. */
export async function runLogins(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<LoginAnswer[]> {
  const { stdout, stderr } = await promisify(execFile)(file, [...args], {
    env: { ...process.env, ...env },
    timeout: LOGIN_MS,
    maxBuffer: 1 << 20,
  });
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  if (lines.length === 0)
    throw new Error(`${path.basename(file)} printed no answer\n${stderr.slice(-2_000)}`);
  return lines.slice(1).map((line) => JSON.parse(line) as LoginAnswer);
}

const folderOf = (name: string): string => new URL(name, import.meta.url).pathname;

function pymongo({ python }: Tools['pymongo']): MongoTestClient {
  return { name: 'pymongo', login: (uris) => runLogins(python, [folderOf('login.py'), ...uris]) };
}

/** Without its history, its settings and its telemetry: a home of its own. */
function mongosh({ entry }: Tools['mongosh']): MongoTestClient {
  return {
    name: 'mongosh',
    async login(uris) {
      const home = mkdtempSync(path.join(os.tmpdir(), 'handshake-mongosh-'));
      try {
        const args = ['--no-deprecation', entry, '--nodb', '--quiet', '--norc', folderOf('login.mongosh.js')];
        return await runLogins(process.execPath, args, { HOME: home, LOGIN_URIS: JSON.stringify(uris) });
      } finally {
        rmSync(home, { recursive: true, force: true });
      }
    },
  };
}

/** Compiled anew for each call: it takes less than a second, and nothing is left behind. */
function libmongoc({ cc, include }: Tools['libmongoc']): MongoTestClient {
  return {
    name: 'libmongoc',
    async login(uris) {
      const folder = mkdtempSync(path.join(os.tmpdir(), 'handshake-libmongoc-'));
      try {
        const program = path.join(folder, 'login');
        const headers = ['libmongoc-1.0', 'libbson-1.0'].map((name) => `-I${path.join(include, name)}`);
        const libraries = ['-lmongoc-1.0', '-lbson-1.0'];
        await promisify(execFile)(cc, ['-o', program, folderOf('login.c'), ...headers, ...libraries]);
        return await runLogins(program, uris);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** The clients that can be had here, and why the others cannot. */
export async function programClients(): Promise<{ clients: MongoTestClient[]; skipped: string[] }> {
  const found = [
    clientOf('mongosh', await tool('mongosh'), mongosh),
    clientOf('pymongo', await tool('pymongo'), pymongo),
    clientOf('libmongoc', await tool('libmongoc'), libmongoc),
  ];
  return {
    clients: found.flatMap((each) => (typeof each === 'string' ? [] : [each])),
    skipped: found.filter((each) => typeof each === 'string'),
  };
}

function clientOf<T>(
  name: string,
  answer: T | { skipped: string },
  make: (paths: T) => MongoTestClient,
): MongoTestClient | string {
  const { skipped } = answer as { skipped?: string };
  return skipped === undefined ? make(answer as T) : `${name}: ${skipped}`;
}
