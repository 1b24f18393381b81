import type { Step, Trace } from '../../trace/model';
import { formatMillis, framesText } from './text';

/** One row of the sequence view. */
export interface LadderRow {
  readonly step: Step;
  readonly arrow: 'to-server' | 'to-client' | 'local';
  /** The state differs from the row above, so it is worth reading. */
  readonly clientChanged: boolean;
  readonly serverChanged: boolean;
  /** Since the start, and since the step before. */
  readonly time: string;
  readonly gap: string;
  /** The wait before this step is a large part of the whole, so it is worth seeing. */
  readonly slow: boolean;
  readonly frames: string;
  /** This step is the one that ended a failed trace. */
  readonly failed: boolean;
}

const ARROWS = { client: 'to-server', server: 'to-client', local: 'local' } as const;

/** The rows of the sequence view, one per step. */
export function ladderRows(trace: Pick<Trace, 'steps' | 'outcome' | 'error' | 'durationMs'>): LadderRow[] {
  const failing = failingStep(trace);
  return trace.steps.map((step, at) => {
    const before = at > 0 ? trace.steps[at - 1] : undefined;
    const gap = before ? Math.max(0, step.time - before.time) : 0;
    return {
      step,
      arrow: ARROWS[step.from],
      clientChanged: before?.clientState !== step.clientState,
      serverChanged: before?.serverState !== step.serverState,
      time: formatMillis(step.time),
      gap: before ? `+${formatMillis(gap)}` : '',
      slow: gap >= 100 && gap >= trace.durationMs / 3,
      frames: framesText(step.frames),
      failed: at === failing,
    };
  });
}

/**
 * The step that a reader wants to see first: the one that ended a failed trace, else the protocol's first message; where all of
 * those are sealed, the first of TLS; 0 when nothing but TCP is there.
 */
export function openingStep(trace: Pick<Trace, 'steps' | 'outcome' | 'error' | 'protocol'>): number {
  const failing = failingStep(trace);
  if (failing >= 0) return failing;
  const first = (layer: Step['layer']) => trace.steps.findIndex((step) => step.layer === layer);
  const own = first(trace.protocol);
  return Math.max(0, own >= 0 ? own : first('tls'));
}

/**
 * Index of the step that ended a failed trace, -1 when it did not fail: the last message of the side that the error names that is
 * called an error or an alert, else its last message that is more than TCP. What the client found by itself is a local step.
 */
export function failingStep(trace: Pick<Trace, 'steps' | 'outcome' | 'error'>): number {
  if (trace.outcome !== 'failed' || trace.steps.length === 0) return -1;
  const side = trace.error?.from ?? 'server';
  const ended = (step: Step) => step.from === side && !isGoodbye(step);
  const named = trace.steps.findLastIndex((step) => ended(step) && /error|alert/i.test(step.message));
  if (named >= 0) return named;
  const last = trace.steps.findLastIndex(
    (step) => (ended(step) && step.layer !== 'tcp') || (side === 'client' && step.from === 'local'),
  );
  return last >= 0 ? last : trace.steps.length - 1;
}

/** The alert that closes TLS in good order, after whatever ended the handshake. */
function isGoodbye({ layer, message, summary }: Step): boolean {
  return layer === 'tls' && message === 'Alert' && summary.includes('close_notify');
}
