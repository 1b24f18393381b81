import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { connectTest } from '../../src/live/connect';
import { TargetError, targetFromUri } from '../../src/live/target';

/** How a client ended. */
export interface ClientRun {
  readonly outcome: 'ready' | 'failed';
  readonly message: string;
  /** TLS secrets of all its connections, NSS form. */
  readonly keyLog: string;
}

export interface ClientInput {
  /** URI or keyword/value pairs. */
  readonly connection: string;
  readonly environment: Readonly<Record<string, string>>;
}

export type RunClient = (input: ClientInput) => Promise<ClientRun>;

/** An environment without the settings and files of whoever runs this. */
const NOBODY = { PGPASSFILE: '/nonexistent/pgpass', PGSYSCONFDIR: '/nonexistent' };

const CLIENT_TIMEOUT_MS = 6_000;

/** Our own client. */
export const ours: RunClient = async ({ connection, environment }) => {
  try {
    const result = await connectTest(targetFromUri(connection, {}, { ...NOBODY, ...environment }), {
      timeoutMs: CLIENT_TIMEOUT_MS,
    });
    return {
      outcome: result.outcome === 'ready' ? 'ready' : 'failed',
      message: result.error?.message ?? '',
      keyLog: result.recordings.map((recording) => recording.keyLog).join(''),
    };
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return { outcome: 'failed', message: error.message, keyLog: '' };
  }
};

export interface PsqlInstall {
  /** psql itself: the wrapper that Debian puts on PATH would only find it again. */
  readonly program: string;
  /** Folder of the libpq to use, if not psql's own. */
  readonly library?: string;
  /** Writes TLS secrets where libpq cannot. */
  readonly keyLogShim?: string;
  /** Whether this libpq has the option `sslkeylogfile`. */
  readonly keyLogOption: boolean;
  readonly folder: string;
  /** Command line for a connection string, where the program is not psql. */
  readonly commandLine?: (connection: string) => readonly string[];
}

let runs = 0;

/** psql, or another program, with some libpq. It is never asked for a password. */
export function psqlClient(install: PsqlInstall): RunClient {
  return async ({ connection, environment }) => {
    const keyLogFile = path.join(install.folder, `keys-${++runs}`);
    const text = install.keyLogOption ? withKeyLog(connection, keyLogFile) : connection;
    const env: NodeJS.ProcessEnv = {
      PATH: process.env.PATH,
      LC_ALL: 'C',
      HOME: '/nonexistent',
      ...NOBODY,
      PARITY_KEYLOG: keyLogFile,
      ...(install.library ? { LD_LIBRARY_PATH: install.library } : {}),
      ...(install.keyLogShim ? { LD_PRELOAD: install.keyLogShim } : {}),
      ...environment,
    };
    const args = install.commandLine?.(text) ?? ['-XAtwq', '-d', text, '-c', 'SELECT 1'];
    const { status, stderr } = await run(install.program, args, env);
    const keyLog = existsSync(keyLogFile) ? readFileSync(keyLogFile, 'utf8') : '';
    rmSync(keyLogFile, { force: true });
    // 2 is "no connection"; 1 would be a failed query.
    return { outcome: status === 0 ? 'ready' : 'failed', message: stderr.trim(), keyLog };
  };
}

function withKeyLog(connection: string, file: string): string {
  if (!/^postgres(ql)?:\/\//.test(connection)) return `sslkeylogfile=${file} ${connection}`;
  return `${connection}${connection.includes('?') ? '&' : '?'}sslkeylogfile=${encodeURIComponent(file)}`;
}

function run(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ status: number | null; stderr: string }> {
  return new Promise((resolve, reject) => {
    // A session of its own has no terminal: pgbench has no option against asking there.
    const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    let stderr = '';
    const limit = setTimeout(() => child.kill('SIGKILL'), 15_000);
    child.stderr.on('data', (text: Buffer) => {
      stderr += text.toString();
    });
    child.once('error', reject);
    child.once('close', (status) => {
      clearTimeout(limit);
      resolve({ status, stderr });
    });
  });
}
