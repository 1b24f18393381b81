/** A cause as rules give it: a code of the catalogue and its parameters, and no words. */
import type { CauseParams, CauseSide, Certainty, DiagnosisSeverity } from '../trace/diagnosis';
import type { Outcome, TraceError } from '../trace/model';
import type { CauseCode } from './catalogue';
import type { EvidenceCode } from './words/en/evidence';

/** What was seen, by code: words are made of it as of the cause. */
export interface Evidence {
  readonly code: EvidenceCode;
  readonly params?: CauseParams;
  readonly steps?: readonly number[];
  readonly frames?: readonly number[];
}

/** What a rule found. */
export interface Cause {
  readonly code: CauseCode;
  readonly params: CauseParams;
  /** What became of the handshake: `outcome` of the trace. */
  readonly outcome: Outcome;
  /** `error` of the trace, where there is one. */
  readonly error?: TraceError;
  /** Where these bytes say more or less than the catalogue's row. */
  readonly side?: CauseSide;
  readonly certainty?: Certainty;
  readonly severity?: DiagnosisSeverity;
  /** Index of the step where it went wrong. By default the last step of the protocol or of TLS. */
  readonly step?: number | null;
  readonly evidence?: readonly Evidence[];
  /** Replaces the catalogue's `alike`. */
  readonly alternatives?: readonly CauseCode[];
}

/** The optional parts of a {@link Cause}. */
export type CauseDetails = Partial<Omit<Cause, 'code' | 'params' | 'outcome'>>;

/** @param params null and undefined values are left out: words ask whether a value is there. */
export function cause(
  code: CauseCode,
  outcome: Outcome,
  params: Readonly<Record<string, string | number | null | undefined>> = {},
  details: CauseDetails = {},
): Cause {
  const known: Record<string, string | number> = {};
  for (const name in params) {
    const value = params[name];
    if (value !== null && value !== undefined) known[name] = value;
  }
  return { code, outcome, params: known, ...details };
}
