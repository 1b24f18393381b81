import type { CauseSide, Certainty, DiagnosisSeverity } from '../../trace/diagnosis';

/** One row of the catalogue: what holds for a cause wherever it is found. */
export interface CauseRow {
  readonly severity: DiagnosisSeverity;
  readonly side: CauseSide;
  /** How sure a rule is, unless it says otherwise. */
  readonly certainty: Certainty;
  /** Codes of other causes that can leave the same bytes. */
  readonly alike?: readonly string[];
}
