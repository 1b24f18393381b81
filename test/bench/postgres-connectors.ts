import { spawn } from 'node:child_process';
import pg from 'pg';
import { connectTest } from '../../src/live/connect';
import { postgresTarget } from '../../src/live/target-postgres';
import { clientEnvironment } from '../record/postgres-server';

export interface ConnectTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** A way to log in again and again. */
export interface Connector {
  readonly name: string;
  /** Logs in so many times, one after the other; mean milliseconds from the start to ReadyForQuery. */
  readonly connect: (times: number) => Promise<number>;
}

function conninfo({ host, port, user, password, database }: ConnectTarget): string {
  return `host=${host} port=${port} user=${user} password=${password} dbname=${database} sslmode=require gssencmode=disable`;
}

/** The mean of what `once` gives: it logs in, stops its clock, and only then closes. */
async function mean(times: number, once: () => Promise<number>): Promise<number> {
  let sum = 0;
  for (let i = 0; i < times; i++) sum += await once();
  return sum / times;
}

/** A whole Connect Test; what it does after ReadyForQuery (its trace and verdict) is not in the time. */
export function oursConnector(server: ConnectTarget): Connector {
  const target = postgresTarget(conninfo(server), {});
  const once = async (): Promise<number> => {
    const started = performance.now();
    let ready: number | undefined;
    const result = await connectTest(target, {
      onState: (state) => {
        if (state === 'CONNECTION_OK') ready = performance.now();
      },
    });
    if (result.outcome !== 'ready' || ready === undefined) throw new Error(result.verdict);
    return ready - started;
  };
  return { name: 'Connect Test', connect: (times) => mean(times, once) };
}

export function pgConnector({ host, port, user, password, database }: ConnectTarget): Connector {
  const once = async (): Promise<number> => {
    const started = performance.now();
    const client = new pg.Client({
      host,
      port,
      user,
      password,
      database,
      ssl: { rejectUnauthorized: false },
    });
    await client.connect();
    const took = performance.now() - started;
    await client.end();
    return took;
  };
  return { name: 'pg', connect: (times) => mean(times, once) };
}

/**
 * libpq in one psql that stays: `\connect` makes a new connection and closes the one before. The time of a batch is that from
 * sending its commands to their last line of output.
 *
 * @param library folder of the libpq to use
 */
export function psqlConnector(
  server: ConnectTarget,
  program: string,
  library: string,
): Connector & { stop(): void } {
  const env = { ...clientEnvironment(), LD_LIBRARY_PATH: library };
  const child = spawn(program, ['-XAtq', '-d', conninfo(server)], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  let heard: () => void = () => {};
  child.stdout.on('data', (text: Buffer) => {
    output += text.toString();
    heard();
  });
  child.stderr.on('data', (text: Buffer) => {
    errors += text.toString();
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<never>((_resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => reject(new Error(`psql ended: ${errors}`)));
  });
  ended.catch(() => {});
  /** Sends commands and waits for the line that they end with. */
  const send = async (commands: string, line: string): Promise<void> => {
    output = '';
    const came = new Promise<void>((resolve) => {
      heard = () => {
        if (output.includes(`${line}\n`)) resolve();
      };
    });
    child.stdin.write(commands);
    await Promise.race([came, ended]);
  };
  const tls = "SELECT 'tls ' || ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid();\n";
  return {
    name: 'libpq, \\connect in one psql',
    connect: async (times) => {
      const commands = `${`\\connect "${conninfo(server)}"\n`.repeat(times)}\\echo done\n`;
      const started = performance.now();
      await send(commands, 'done');
      const took = performance.now() - started;
      await send(tls, 'tls true');
      if (errors !== '') throw new Error(`psql: ${errors}`);
      return took / times;
    },
    stop: () => {
      child.stdin.end();
    },
  };
}
