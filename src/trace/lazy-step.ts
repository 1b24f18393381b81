import type { Field, From, Layer, Step, Trace } from './model';

/** The two states after a step. */
export interface StatePair {
  readonly clientState: string;
  readonly serverState: string;
}

/** What is shown of a message: its line in a list, and its values. */
export interface StepWords {
  readonly summary: string;
  readonly fields: readonly Field[];
}

/**
 * Gives the words of one message whenever somebody asks. It holds the message's own bytes, a copy, and nothing else of the conversation:
 * most steps of a large capture are never looked at, and their words take ten times the memory of the message and most of the time.
 */
export interface LazyWords {
  words(): StepWords;
}

/** The step looked at last: a reader asks for its line and for its fields. */
let latest: LazyStep | undefined;
let latestWords: StepWords | undefined;

export const NO_FIELDS: readonly Field[] = [];

/**
 * A step whose `summary` and `fields` are made when they are read. In JSON it is a {@link Step} like any other. There are many of these in
 * memory at once, so what a value is put together from is kept instead of it.
 */
export class LazyStep implements Step {
  readonly #micros: number;
  readonly #frames: number | readonly number[];
  readonly #states: StatePair;
  readonly #lazy: LazyWords | StepWords | string;
  readonly #internal: boolean;

  /**
   * @param micros microseconds since the trace began.
   * @param frames the numbers of the frames in order, or that of the only one; 0 for none.
   * @param lazy a text is the line of a step that has no fields.
   */
  constructor(
    readonly index: number,
    micros: number,
    readonly from: From,
    readonly layer: Layer,
    frames: number | readonly number[],
    readonly bytes: number,
    readonly message: string,
    states: StatePair,
    readonly encrypted: boolean,
    lazy: LazyWords | StepWords | string,
    internal = false,
  ) {
    this.#micros = micros;
    this.#frames = frames;
    this.#states = states;
    this.#lazy = lazy;
    this.#internal = internal;
  }

  get internal(): true | undefined {
    return this.#internal || undefined;
  }

  get time(): number {
    return this.#micros / 1000;
  }

  get frames(): readonly number[] {
    const frames = this.#frames;
    return typeof frames !== 'number' ? frames : frames === 0 ? [] : [frames];
  }

  /** The first and the last of {@link frames}, 0 where there is none. */
  get firstFrame(): number {
    const frames = this.#frames;
    return typeof frames === 'number' ? frames : (frames[0] ?? 0);
  }

  get lastFrame(): number {
    const frames = this.#frames;
    return typeof frames === 'number' ? frames : (frames[frames.length - 1] ?? 0);
  }

  get clientState(): string {
    return this.#states.clientState;
  }

  get serverState(): string {
    return this.#states.serverState;
  }

  get summary(): string {
    return this.#words().summary;
  }

  get fields(): readonly Field[] {
    return this.#words().fields;
  }

  /** The step with its words, in the order of the JSON form. */
  toJSON(): Step {
    const { summary, fields } = this.#words();
    const { index, time, from, layer, frames, bytes, message, clientState, serverState, encrypted } = this;
    // `internal` is undefined, which JSON leaves out, for most.
    const { internal } = this;
    return {
      index,
      time,
      from,
      layer,
      frames,
      bytes,
      message,
      clientState,
      serverState,
      summary,
      encrypted,
      internal,
      fields,
    };
  }

  #words(): StepWords {
    const lazy = this.#lazy;
    if (typeof lazy === 'string') return { summary: lazy, fields: NO_FIELDS };
    if (!('words' in lazy)) return lazy;
    if (latest !== this || latestWords === undefined) {
      latest = this;
      latestWords = lazy.words();
    }
    return latestWords;
  }
}

/** A step as a plain object, which can be copied. */
export function plainStep(step: Step): Step {
  return step instanceof LazyStep ? step.toJSON() : step;
}

/** A trace of plain objects: what another process or a webview is sent, which copies an object's own properties alone. */
export function plainTrace(trace: Trace): Trace {
  return { ...trace, steps: trace.steps.map(plainStep) };
}

/** The number of the step's first frame, 0 where it has none. */
export function firstFrame(step: Step): number {
  return step instanceof LazyStep ? step.firstFrame : (step.frames[0] ?? 0);
}

/** The number of the step's last frame, 0 where it has none. */
export function lastFrame(step: Step): number {
  return step instanceof LazyStep ? step.lastFrame : (step.frames[step.frames.length - 1] ?? 0);
}
