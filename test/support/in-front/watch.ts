/** One connection in every way in which it can be looked at: live, saved, recorded on the loopback, and a real client's. */
import { expect } from 'vitest';
import { CaptureReader } from '../../../src/capture/reader';
import { recordingsToPcapng } from '../../../src/inspect/export';
import { Inspector } from '../../../src/inspect/inspector';
import type { Recording } from '../../../src/inspect/recording';
import type { ConnectResult } from '../../../src/live/connect';
import type { ActiveRecording } from '../../../src/recorder/active-recording';
import { startRecording } from '../../../src/recorder/recorder';
import type { Trace } from '../../../src/trace/model';
import { run } from '../../integration/support';
import { psql } from '../../record/psql';
import { recordable } from '../recordable';

/** Where the cause is only one of several, these alternatives are shown with it. */
const TOLD_APART: readonly string[] = ['PG_ALPN_NOT_CHOSEN'];

/** Cause and side of a trace: `PG_READY nobody`. */
export function causeOf({ diagnosis: { code, side, alternatives } }: Trace): string {
  const others = alternatives.map((other) => other.code).filter((other) => TOLD_APART.includes(other));
  return [`${code} ${side}`, ...others].join(', or ');
}

/** Causes of a live run, then those of its saved capture. They have to be the same. */
export function causesOf(result: ConnectResult): { live: string[]; saved: string[] } {
  return { live: result.traces.map(causeOf), saved: decode(result.recordings).map(causeOf) };
}

/** Writes recordings as a capture and reads it. */
export function decode(recordings: readonly Recording[]): Trace[] {
  const inspector = new Inspector();
  const reader = new CaptureReader(inspector);
  reader.push(recordingsToPcapng(recordings));
  reader.finish();
  return inspector.finish();
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

  /** Causes of the connections that `work` makes, at least so many. */
  async during(connections: number, work: () => Promise<unknown>): Promise<string[] | null> {
    const recording = this.#recording;
    const before = this.#traces.length;
    const open = recording?.state.open ?? 0;
    await work();
    if (recording === undefined) return null;
    await expect.poll(() => this.#traces.length - before).toBeGreaterThanOrEqual(connections);
    await expect.poll(() => recording.state.open).toBeLessThanOrEqual(open);
    return this.#traces.slice(before).map(causeOf);
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
  const recorded = await watch.during(1, async () => {
    result = await run(`postgresql://${user}@127.0.0.1:${port}/${database}`, options, { password });
  });
  const connection = Object.entries({ host: '127.0.0.1', port, user, dbname: database, ...options });
  const real = await watch.during(1, () =>
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
