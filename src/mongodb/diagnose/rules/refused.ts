/** What rules about refusals share. */
import type { CauseCode } from '../../../diagnosis/catalogue';
import { type Cause, type CauseDetails, cause } from '../../../diagnosis/cause';
import { loginParams, type MongoFacts, refusalParams } from '../facts';
import type { Refusal } from '../record';

type Params = Readonly<Record<string, string | number | null | undefined>>;

/** A connection that failed because of this refusal; its words, and the login's names, are parameters. */
export function failedBy(
  code: CauseCode,
  facts: MongoFacts,
  refusal: Refusal,
  params: Params = {},
  details: CauseDetails = {},
): Cause {
  const { error, step } = refusal;
  const all = { ...loginParams(facts), ...refusalParams(refusal), ...params };
  return cause(code, 'failed', all, { error, step, ...details });
}

/** `nodejs 6.12.0`; null where the driver did not name itself. */
export function driverOf({ record }: MongoFacts): string | null {
  return record.driver === '' ? null : `${record.driver} ${record.driverVersion}`.trim();
}
