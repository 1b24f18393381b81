import type { Field, From, Layer, Step } from './model';

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

/** A step whose `summary` and `fields` are made when they are read. In JSON it is a {@link Step} like any other. */
export class LazyStep implements Step {
  readonly #lazy: LazyWords;

  constructor(
    readonly index: number,
    readonly time: number,
    readonly from: From,
    readonly layer: Layer,
    readonly frames: readonly number[],
    readonly bytes: number,
    readonly message: string,
    readonly clientState: string,
    readonly serverState: string,
    readonly encrypted: boolean,
    lazy: LazyWords,
  ) {
    this.#lazy = lazy;
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
    return {
      index: this.index,
      time: this.time,
      from: this.from,
      layer: this.layer,
      frames: this.frames,
      bytes: this.bytes,
      message: this.message,
      clientState: this.clientState,
      serverState: this.serverState,
      summary,
      encrypted: this.encrypted,
      fields,
    };
  }

  #words(): StepWords {
    if (latest !== this || latestWords === undefined) {
      latest = this;
      latestWords = this.#lazy.words();
    }
    return latestWords;
  }
}

/** A step as a plain object, which can be copied. */
export function plainStep(step: Step): Step {
  return step instanceof LazyStep ? step.toJSON() : step;
}
