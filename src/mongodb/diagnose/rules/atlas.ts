/** Error 8000: what the proxies in front of Atlas clusters say in their own texts. */
import type { CauseCode } from '../../../diagnosis/catalogue';
import type { Cause } from '../../../diagnosis/cause';
import type { Rule } from '../../../diagnosis/rules';
import { unquoted } from '../../../diagnosis/unquoted';
import { MongoCode } from '../../errors';
import type { MongoFacts } from '../facts';
import { lastRefusal } from './by-code';
import { failedBy } from './refused';

const TEXTS: readonly (readonly [RegExp, CauseCode])[] = [
  [/not allowed to do action|not authorized/i, 'MONGO_UNAUTHORIZED'],
  [/CMD_NOT_ALLOWED/, 'MONGO_ATLAS_TIER'],
  [/\bSNI\b|host ?name (was )?(not sent|missing)/i, 'MONGO_ATLAS_NO_SNI'],
  [
    /\bIP\b.{0,60}(access|white|allow)|(access|white|allow)list|not allowed to access/i,
    'MONGO_ATLAS_ADDRESS',
  ],
  [/paused|resum|not available|unavailable|no longer available|being deployed/i, 'MONGO_ATLAS_PAUSED'],
  [
    /tier|M0|free|shared|serverless|flex|not (allowed|supported) .{0,40}(atlas|cluster)|quota|over .{0,20}limit/i,
    'MONGO_ATLAS_TIER',
  ],
  [/auth|user|password|credential/i, 'MONGO_ATLAS_BAD_AUTH'],
];

export const ATLAS_RULES: readonly Rule<MongoFacts>[] = [
  { gives: [...TEXTS.map(([, code]) => code), 'MONGO_ATLAS_ERROR'], find: atlas },
];

function atlas(facts: MongoFacts): Cause | null {
  const refusal = lastRefusal(facts);
  if (refusal?.code !== MongoCode.ATLAS_ERROR) return null;
  // How somebody named a user or a collection says nothing of what went wrong.
  const words = unquoted(refusal.text);
  const code = TEXTS.find(([text]) => text.test(words))?.[1] ?? 'MONGO_ATLAS_ERROR';
  return failedBy(code, facts, refusal);
}
