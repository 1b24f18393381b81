/** Why a server refused an authentication, as far as what was seen tells. */
import type { TraceBuilder } from '../../trace/builder';
import { MongoCode } from '../errors';
import { addFinding, type FindingCode } from './findings';
import type { ObserverRecord } from './record';
import { explainCredentials } from './refusal-credentials';
import { explainX509 } from './refusal-x509';

/** One cause, or what is known about it. */
export interface Explanation {
  readonly code: FindingCode;
  /** What stands for `%` in the finding. */
  readonly seen: string;
  /** The sentence for the whole connection; the first explanation with one speaks. */
  readonly verdict?: string;
}

/** What the explanations need besides the record. */
export interface RefusalContext {
  /** The conversation was, or should have been, inside TLS. */
  readonly secure: boolean;
  /** Subject of the server's certificate; `undefined` when it was not seen. */
  readonly serverSubject: string | undefined;
}

/** All that can be said about the refusal that ended this conversation; empty without one, or when its code says nothing more. */
export function explainRefusal(record: ObserverRecord, context: RefusalContext): Explanation[] {
  const { attempt, authError, authErrorCode } = record;
  if (!authError) return [];
  if (attempt?.mechanism === 'MONGODB-X509') return explainX509(record, attempt, context);
  if (authErrorCode === MongoCode.ATLAS_ERROR) return [{ code: 'MG_ATLAS', seen: '' }];
  return explainCredentials(record, authError);
}

export function addRefusalFindings(
  trace: TraceBuilder,
  record: ObserverRecord,
  explanations: readonly Explanation[],
): void {
  const frames = record.attempt?.frames ?? record.helloFrames;
  for (const { code, seen } of explanations) addFinding(trace, code, frames, seen);
}

/** 334, or how servers before 4.0 said it. */
export function isNotEnabled(code: number | undefined, message: string): boolean {
  return (
    code === MongoCode.MECHANISM_UNAVAILABLE ||
    (code === MongoCode.BAD_VALUE && /mechanism|disabled/i.test(message))
  );
}
