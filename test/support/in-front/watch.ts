/** One connection in every way in which it can be looked at: live, saved, recorded on the loopback, and a real client's. */
import { MongoClient } from 'mongodb';
import { expect } from 'vitest';
import { CaptureReader } from '../../../src/capture/reader';
import { recordingsToPcapng } from '../../../src/inspect/export';
import { Inspector } from '../../../src/inspect/inspector';
import type { ConnectResult } from '../../../src/live/connect';
import type { ActiveRecording } from '../../../src/recorder/active-recording';
import { startRecording } from '../../../src/recorder/recorder';
import type { Trace } from '../../../src/trace/model';
import { run } from '../../integration/support';
import { psql } from '../../record/psql';
import { recordable } from '../recordable';

/** Where the cause is only one of several, these alternatives are shown with it. */
const TOLD_APART: readonly string[] = ['PG_ALPN_NOT_CHOSEN', 'MONGO_TLS_REQUIRED'];

/** Cause and side of a trace: `PG_READY nobody`. */
export function causeOf({ diagnosis: { code, side, alternatives } }: Trace): string {
  const others = alternatives.map((other) => other.code).filter((other) => TOLD_APART.includes(other));
  return [`${code} ${side}`, ...others].join(', or ');
}

/** Causes of a live run, then those of its saved capture, read with the word of who saved it for what the port speaks. */
export function causesOf({ traces, recordings }: ConnectResult): { live: string[]; saved: string[] } {
  const decodeAs = new Map(traces.map(({ server, protocol }) => [server.port, protocol] as const));
  const inspector = new Inspector({ decodeAs });
  const reader = new CaptureReader(inspector);
  reader.push(recordingsToPcapng(recordings));
  reader.finish();
  return { live: traces.map(causeOf), saved: inspector.finish().map(causeOf) };
}

/** A recording of ports on the loopback, as tcpdump makes it: real acknowledgments, resets and closes. */
export class Watch {
  #recording: ActiveRecording | undefined;
  readonly #traces: Trace[] = [];

  /** Whether this machine let us record. */
  get records(): boolean {
    return this.#recording !== undefined;
  }

  /** Where this machine does not let us record, nothing is seen: {@link during} gives null. */
  static async start(ports: readonly number[]): Promise<Watch> {
    const watch = new Watch();
    const may = await recordable();
    if ('skipped' in may) return watch;
    watch.#recording = await startRecording(
      {
        interface: 'lo',
        ports: ports.map((port) => ({ first: port, last: port })),
        file: null,
        limits: { bytes: 50_000_000, milliseconds: 10 * 60_000 },
        onTrace: (trace) => watch.#traces.push(trace),
      },
      { programs: may.programs.slice(-1) },
    );
    return watch;
  }

  /** Causes of the connections to a port that `work` makes, at least so many. */
  async during(port: number, connections: number, work: () => Promise<unknown>): Promise<string[] | null> {
    const recording = this.#recording;
    const found = () => this.#traces.filter(({ server }) => server.port === port);
    const before = found().length;
    const open = recording?.state.open ?? 0;
    await work();
    if (recording === undefined) return null;
    await expect.poll(() => found().length - before).toBeGreaterThanOrEqual(connections);
    await expect.poll(() => recording.state.open).toBeLessThanOrEqual(open);
    return found().slice(before).map(causeOf);
  }

  async stop(): Promise<void> {
    this.#recording?.stop();
    await this.#recording?.done;
  }
}

export interface PostgresSituation {
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password?: string;
  /** Of libpq's connection string. */
  readonly options: Readonly<Record<string, string>>;
}

/**
 * Connects with our client and with psql, each recorded as well. All have to come to one cause.
 *
 * @param libpq folder of the libpq for psql.
 */
export async function causesOfPostgres(
  watch: Watch,
  { port, user, database, password, options }: PostgresSituation,
  libpq: string,
): Promise<Record<string, readonly string[]>> {
  let result: ConnectResult | undefined;
  const recorded = await watch.during(port, 1, async () => {
    result = await run(`postgresql://${user}@127.0.0.1:${port}/${database}`, options, { password });
  });
  const connection = Object.entries({ host: '127.0.0.1', port, user, dbname: database, ...options });
  const real = await watch.during(port, 1, () =>
    psql(connection.map(([name, value]) => `${name}='${value}'`).join(' '), { password, libpq }),
  );
  return {
    ...causesOf(result as ConnectResult),
    ...(recorded && { recorded }),
    ...(real && { psql: real }),
  };
}

/**
 * What {@link causesOfPostgres} gives when everybody sees the same: one connection each.
 *
 * @param cause several where the bytes depend on who is faster.
 * @param recorded where a recording cannot see as much, because it has no keys.
 */
export function all(
  watch: Watch,
  cause: string | readonly string[],
  recorded = cause,
): Record<string, readonly unknown[]> {
  const one = (causes: string | readonly string[]) => [
    typeof causes === 'string' ? causes : expect.toBeOneOf([...causes]),
  ];
  return {
    live: one(cause),
    saved: one(cause),
    ...(watch.records && { recorded: one(recorded), psql: one(recorded) }),
  };
}

export interface MongoSituation {
  readonly port: number;
  /** Without one nobody logs in. */
  readonly user?: string;
  readonly password?: string;
  /** Of the connection string. */
  readonly options: Readonly<Record<string, string>>;
}

/**
 * Connects with our client and with the Node.js driver. The driver makes several connections and tries again: what it gives is a set.
 *
 * @param connections that a recording of either lists, at least.
 */
export async function causesOfMongo(
  watch: Watch,
  { port, user, password, options }: MongoSituation,
  connections = 1,
): Promise<Record<string, readonly string[]>> {
  let result: ConnectResult | undefined;
  const recorded = await watch.during(port, connections, async () => {
    const who = user === undefined ? '' : `${user}@`;
    result = await run(`mongodb://${who}127.0.0.1:${port}/?directConnection=true`, options, { password });
  });
  const driver = await watch.during(port, connections, () => useDriver({ port, user, password, options }));
  return {
    ...causesOf(result as ConnectResult),
    ...(recorded && { recorded }),
    ...(driver && { driver: [...new Set(driver)].sort() }),
  };
}

async function useDriver({ port, user, password, options }: MongoSituation): Promise<void> {
  const query = new URLSearchParams({ directConnection: 'true', ...options });
  const who = user === undefined ? '' : `${user}:${encodeURIComponent(password ?? '')}@`;
  const client = new MongoClient(`mongodb://${who}127.0.0.1:${port}/?${query}`, {
    serverSelectionTimeoutMS: 1000,
  });
  try {
    await client.db('admin').command({ ping: 1 });
  } catch {
    // What it says of it is not our subject.
  } finally {
    await client.close();
  }
}
