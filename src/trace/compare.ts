/**
 * Whether two traces tell the same story. Used to hold the promise that a live run and the capture of it give the same trace.
 */
import { plainStep } from './lazy-step';
import type { Step, Trace } from './model';

/** What two tellings of one conversation may differ in. */
export interface CompareOptions {
  /** Compare relative times and the start time too. */
  readonly times?: boolean;
  /** Compare addresses and ports too. */
  readonly addresses?: boolean;
  /** Compare frame numbers too. */
  readonly frames?: boolean;
}

/**
 * Every difference between two traces, one per line, as `path: left | right`; empty when they agree.
 *
 * Steps and findings that only one side of the connection can know (`from: local` on the layer `local`) are left out, as is the
 * verdict, which may rest on them. So is the source.
 */
export function compareTraces(left: Trace, right: Trace, options: CompareOptions = {}): string[] {
  const differences: string[] = [];
  walk('', normalise(left, options), normalise(right, options), differences);
  return differences;
}

function normalise(trace: Trace, options: CompareOptions): unknown {
  const {
    id: _id,
    source: _source,
    verdict: _verdict,
    diagnosis: _diagnosis,
    retryOf: _retryOf,
    causedBy: _causedBy,
    ...rest
  } = trace;
  return {
    ...rest,
    client: options.addresses ? trace.client : null,
    server: options.addresses ? trace.server : null,
    startTime: options.times ? trace.startTime : null,
    durationMs: options.times ? trace.durationMs : null,
    steps: trace.steps.filter((step) => !isLocal(step)).map((step) => normaliseStep(step, options)),
    findings: trace.findings.map((finding) => ({
      ...finding,
      frames: options.frames ? finding.frames : null,
    })),
  };
}

function isLocal(step: Step): boolean {
  return step.layer === 'local';
}

function normaliseStep(step: Step, options: CompareOptions): unknown {
  const { index: _index, ...rest } = plainStep(step);
  return {
    ...rest,
    time: options.times ? step.time : null,
    frames: options.frames ? step.frames : step.frames.length,
  };
}

function walk(path: string, left: unknown, right: unknown, differences: string[]): void {
  if (Object.is(left, right)) return;
  if (isTree(left) && isTree(right)) {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    for (const key of keys) walk(path === '' ? key : `${path}.${key}`, left[key], right[key], differences);
    return;
  }
  differences.push(`${path}: ${JSON.stringify(left)} | ${JSON.stringify(right)}`);
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
