/**
 * Findings of both protocols: what is worth knowing about a connection apart from its cause. A protocol gives its codes with their
 * severities, a language the words; neither knows the other.
 */
import type { TraceBuilder } from '../trace/builder';
import type { Finding, Severity } from '../trace/model';

/** What a language says about one finding. The first `%` of `message` stands for what was seen. */
export interface FindingWords {
  readonly message: string;
  readonly help: string;
}

/** How serious each finding is, by its code. */
export type FindingSeverities<Code extends string> = Readonly<Record<Code, Severity>>;

/** Makes the findings of one protocol. */
export interface FindingMaker<Code extends string> {
  /** @param frames a number stands for itself alone. @param seen what the `%` of the words stands for. */
  make(code: Code, frames: number | readonly number[], seen?: string): Finding;
  add(trace: TraceBuilder, code: Code, frames: number | readonly number[], seen?: string): void;
}

export function findingMaker<Code extends string>(
  severities: FindingSeverities<Code>,
  words: Readonly<Record<Code, FindingWords>>,
): FindingMaker<Code> {
  const make = (code: Code, frames: number | readonly number[], seen = ''): Finding => {
    const { message, help } = words[code];
    return {
      code,
      severity: severities[code],
      // By a function: `$&` and the like in what was seen are not references.
      message: message.replace('%', () => seen),
      frames: typeof frames === 'number' ? [frames] : [...frames],
      help,
    };
  };
  return {
    make,
    add: (trace, code, frames, seen) => trace.finding(make(code, frames, seen)),
  };
}
