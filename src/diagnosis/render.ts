/** From a cause to what a reader sees: the words of one language around code and parameters. */
import type { TraceBuilder } from '../trace/builder';
import type { Alternative, Diagnosis, EvidenceText } from '../trace/diagnosis';
import { CAUSES, type CauseCode } from './catalogue';
import type { Cause, Evidence } from './cause';
import { complete } from './words/complete';
import { CAUSE_WORDS } from './words/en';
import { EVIDENCE_WORDS } from './words/en/evidence';

/** Sets outcome, error, verdict and diagnosis of a trace. */
export function applyCause(trace: TraceBuilder, cause: Cause): void {
  if (cause.error) trace.fail(cause.error);
  // What this side reports has failed, however little of it was captured.
  trace.outcome = cause.outcome === 'incomplete' && trace.error !== null ? 'failed' : cause.outcome;
  const diagnosis = diagnosisOf(cause, cause.step === undefined ? lastSpoken(trace) : cause.step);
  trace.diagnosis = diagnosis;
  trace.verdict = verdictOf(diagnosis);
}

/** Everything about a cause in words. */
export function diagnosisOf(cause: Cause, step: number | null): Diagnosis {
  const row = CAUSES[cause.code];
  const words = CAUSE_WORDS[cause.code];
  const { params } = cause;
  const alike = (cause.alternatives ?? row.alike ?? []) as readonly CauseCode[];
  return {
    code: cause.code,
    severity: cause.severity ?? row.severity,
    side: cause.side ?? row.side,
    certainty: cause.certainty ?? row.certainty,
    step,
    params,
    what: complete(words.what, params),
    next: complete(words.next, params),
    // A list of many connections reads none of these.
    get why() {
      return words.why ? (complete(words.why, params) ?? null) : null;
    },
    get evidence() {
      return (cause.evidence ?? []).map(evidenceText);
    },
    get alternatives() {
      return alike.map((code) => alternative(code, params));
    },
  };
}

/** What happened and the first thing to do about it, in one line: for lists. */
export function verdictOf({ what, next }: Pick<Diagnosis, 'what' | 'next'>): string {
  return next.length === 0 ? what : `${what} ${next[0].text}`;
}

function evidenceText({ code, params = {}, steps = [], frames = [] }: Evidence): EvidenceText {
  return { text: complete(EVIDENCE_WORDS[code], params), steps, frames };
}

function alternative(code: CauseCode, params: Cause['params']): Alternative {
  const words = CAUSE_WORDS[code];
  return { code, what: complete(words.what, params), tellApart: words.tellApart ?? words.proof };
}

/** The last step at which something was said, be it below the protocol; null where nothing was. */
function lastSpoken(trace: TraceBuilder): number | null {
  const index = trace.steps.findLastIndex(({ layer }) => layer !== 'local' && layer !== 'tcp');
  return index < 0 ? null : index;
}
