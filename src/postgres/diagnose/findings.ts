/** Findings about PostgreSQL: everything that a trace says apart from its cause. */
import { findingMaker } from '../../diagnosis/findings';
import { POSTGRES_SEVERITIES } from '../../diagnosis/severities/postgres';
import { POSTGRES_FINDINGS } from '../../diagnosis/words/en/findings-postgres';

export type FindingCode = keyof typeof POSTGRES_SEVERITIES;

export const { make: makeFinding, add: addFinding } = findingMaker<FindingCode>(
  POSTGRES_SEVERITIES,
  POSTGRES_FINDINGS,
);
