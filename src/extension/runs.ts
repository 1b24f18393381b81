import type { StepBytes } from '../contract/values';
import type { Recording } from '../inspect/recording';
import type { Outcome, Protocol, Trace } from '../trace/model';

/** One Connect Test that is over. */
export interface Run {
  /** From 1, new for every run of this session. */
  readonly number: number;
  readonly hostId: string;
  readonly hostName: string;
  readonly protocol: Protocol;
  /** One trace for each connection, in order; with their secrets. */
  readonly traces: readonly Trace[];
  readonly recordings: readonly Recording[];
  readonly outcome: Outcome;
  readonly verdict: string;
}

/** A run holds what crossed the wire; an hour of clicking must not fill the memory. */
const KEPT = 20;

/** The runs of this session, newest last. */
export class Runs {
  readonly #runs: Run[] = [];
  #count = 0;

  add(run: Omit<Run, 'number'>): Run {
    this.#count++;
    const numbered = { ...run, number: this.#count };
    this.#runs.push(numbered);
    if (this.#runs.length > KEPT) this.#runs.shift();
    return numbered;
  }

  get last(): Run | undefined {
    return this.#runs[this.#runs.length - 1];
  }

  lastOf(hostId: string): Run | undefined {
    return this.#runs.findLast((run) => run.hostId === hostId);
  }

  find(number: number): Run | undefined {
    return this.#runs.find((run) => run.number === number);
  }
}

/** Bytes of a step of a run: its recordings are traced again, this time keeping the bytes. */
export async function runBytes(run: Run, id: string, step: number, reveal: boolean): Promise<StepBytes> {
  const [{ traceRecordings }, { maskBytes }, { hex }] = await Promise.all([
    import('../inspect/trace-recording'),
    import('../trace/redact'),
    import('../base/bytes'),
  ]);
  const traced = traceRecordings(run.recordings, { keepData: true }).find(({ trace }) => trace.id === id);
  const known = traced?.trace.steps[step];
  const data = traced?.data[step];
  if (!known) return { hex: '', total: 0, masked: [], note: 'There is no such step.' };
  if (!data) {
    const note = known.bytes === 0 ? 'This step sent no bytes.' : 'The bytes of this step were not kept.';
    return { hex: '', total: known.bytes, masked: [], note };
  }
  const { bytes, masked } = reveal ? { bytes: data, masked: [] } : maskBytes(known, data);
  const note = data.length < known.bytes ? `The first ${data.length} of ${known.bytes} bytes.` : null;
  return { hex: hex(bytes), total: Math.max(known.bytes, data.length), masked: [...masked], note };
}
