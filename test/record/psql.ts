import { spawn } from 'node:child_process';
import { clientEnvironment } from './postgres-server';

/** A run of psql. */
export interface PsqlRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PsqlOptions {
  /** Folder of another libpq; without it psql uses its own. */
  readonly libpq?: string;
  readonly password?: string;
  readonly command?: string;
  /** Path of a configuration for its OpenSSL. */
  readonly opensslConf?: string;
  /** Sends SIGINT (psql's cancel) after so many milliseconds. */
  readonly interruptAfterMs?: number;
  /** Killed after so many milliseconds; the default is 20 s. */
  readonly limitMs?: number;
}

/** Runs psql on a connection string, without any of the user's own settings. */
export function psql(connection: string, options: PsqlOptions = {}): Promise<PsqlRun> {
  const child = spawn('psql', ['-XAtwq', '-d', connection, '-c', options.command ?? 'SELECT 1'], {
    env: {
      ...clientEnvironment(),
      ...(options.libpq ? { LD_LIBRARY_PATH: options.libpq } : {}),
      ...(options.opensslConf ? { OPENSSL_CONF: options.opensslConf } : {}),
      ...(options.password ? { PGPASSWORD: options.password } : {}),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    const limit = setTimeout(() => child.kill('SIGKILL'), options.limitMs ?? 20_000);
    const interrupt = options.interruptAfterMs
      ? setTimeout(() => child.kill('SIGINT'), options.interruptAfterMs)
      : undefined;
    child.stdout.on('data', (text: Buffer) => {
      stdout += text.toString();
    });
    child.stderr.on('data', (text: Buffer) => {
      stderr += text.toString();
    });
    child.once('error', reject);
    child.once('close', (status) => {
      clearTimeout(limit);
      clearTimeout(interrupt);
      resolve({ status, stdout, stderr });
    });
  });
}
