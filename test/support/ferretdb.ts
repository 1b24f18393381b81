/** FerretDB for tests: a real server of MongoDB's protocol on a free port of the loopback, its data in a temporary folder. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { spawnTethered } from '../../scripts/toolchain/tether.mjs';
import type { ServerCertificate } from '../../src/lab/certificates';
import { freePort } from './free-port';

const START_MS = 30_000;

export interface FerretDbOptions {
  /** The first user, of the database `admin`. Without one nobody has to authenticate. */
  readonly user?: { readonly name: string; readonly password: string };
  /** TLS on the port, and nothing else. */
  readonly certificate?: ServerCertificate;
}

export interface FerretDb {
  readonly port: number;
  /** Of the process that holds it, see `tether`. */
  readonly tether: number | undefined;
  stop(): Promise<void>;
}

/** Rejects with the end of what the server printed when it does not come up. */
export async function startFerretDb(program: string, options: FerretDbOptions = {}): Promise<FerretDb> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'handshake-ferretdb-'));
  const port = await freePort();
  mkdirSync(path.join(folder, 'data'));
  const server = spawnTethered(
    program,
    [
      '--handler=sqlite',
      `--sqlite-url=file:${folder}/data/`,
      `--state-dir=${folder}`,
      '--debug-addr=-',
      '--telemetry=disable',
      '--log-level=WARN',
      ...listenArguments(folder, port, options.certificate),
      ...userArguments(options.user),
    ],
    { cwd: folder, env: { PATH: process.env.PATH, DO_NOT_TRACK: '1' } },
  );
  let output = '';
  const keep = (data: Buffer) => {
    output = (output + data).slice(-4_000);
  };
  server.process.stdout.on('data', keep);
  server.process.stderr.on('data', keep);
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  let exited = false;
  void server.exited.then(() => {
    exited = true;
  });
  const deadline = Date.now() + START_MS;
  while (!(await answers(port))) {
    if (exited || Date.now() > deadline) {
      await stop();
      throw new Error(`FerretDB did not start on port ${port}\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { port, tether: server.process.pid, stop };
}

function listenArguments(folder: string, port: number, certificate?: ServerCertificate): string[] {
  const address = `127.0.0.1:${port}`;
  if (!certificate) return [`--listen-addr=${address}`];
  const [cert, key] = [path.join(folder, 'server.crt'), path.join(folder, 'server.key')];
  writeFileSync(cert, certificate.certificate);
  writeFileSync(key, certificate.key, { mode: 0o600 });
  return [
    '--listen-addr=',
    `--listen-tls=${address}`,
    `--listen-tls-cert-file=${cert}`,
    `--listen-tls-key-file=${key}`,
  ];
}

function userArguments(user: FerretDbOptions['user']): string[] {
  if (!user) return [];
  return [
    '--test-enable-new-auth',
    '--setup-database=admin',
    `--setup-username=${user.name}`,
    `--setup-password=${user.password}`,
  ];
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
