/** Findings about MongoDB: everything that a trace says apart from its cause. */
import { findingMaker } from '../../diagnosis/findings';
import { MONGODB_SEVERITIES } from '../../diagnosis/severities/mongodb';
import { MONGODB_FINDINGS } from '../../diagnosis/words/en/findings-mongodb';

export type FindingCode = keyof typeof MONGODB_SEVERITIES;

export const { make: makeFinding, add: addFinding } = findingMaker<FindingCode>(
  MONGODB_SEVERITIES,
  MONGODB_FINDINGS,
);
