/** What a Connect Test knows and no byte tells. It records such a cause only where the bytes do not give it. */
import type { CauseParams } from '../../trace/diagnosis';
import type { TraceError } from '../../trace/model';
import type { CauseCode } from '../catalogue';
import { type Cause, cause } from '../cause';
import { LOCAL_CAUSES } from '../causes/local';
import { type ConnectionFacts, serverName } from '../facts';
import type { Rule } from '../rules';
import { issuerParams, namesOf } from './tls/certificate-reason';

/** Causes of other tables that this side may know before the wire shows them, or where it does not. */
const KNOWN_EARLIER = [
  'TCP_NO_ANSWER',
  'TLS_CERTIFICATE_UNTRUSTED',
  'TLS_CERTIFICATE_EXPIRED',
  'TLS_CERTIFICATE_REVOKED',
  'TLS_CERTIFICATE_WRONG_NAME',
  'TLS_CERTIFICATE_REFUSED',
  'MONGO_SET_NAME',
] as const satisfies readonly CauseCode[];

const CODES: readonly CauseCode[] = [
  ...(Object.keys(LOCAL_CAUSES) as (keyof typeof LOCAL_CAUSES)[]),
  ...KNOWN_EARLIER,
];

/** First in a list: this side itself says why it ended the attempt. */
export const LOCAL_CAUSE_RULE: Rule<ConnectionFacts> = { gives: CODES, find: known };

function known(facts: ConnectionFacts): Cause | null {
  const { local, trace, product } = facts;
  const code = CODES.find((candidate) => candidate === local?.code);
  if (!local || code === undefined) return null;
  const params = { server: serverName(facts), product, ...certificateParams(facts, code), ...local.params };
  const outcome = code === 'LIVE_CANCELLED' ? 'incomplete' : 'failed';
  const error: TraceError | undefined = trace.error ?? undefined;
  return cause(code, outcome, params, { certainty: 'shown', alternatives: [], error });
}

function certificateParams({ trace }: ConnectionFacts, code: CauseCode): CauseParams {
  const chain = trace.tls?.certificates ?? [];
  const [leaf] = chain;
  if (!code.startsWith('TLS_CERTIFICATE_') || leaf === undefined) return {};
  const known: Record<string, string | number> = { date: leaf.notAfter };
  for (const [name, value] of Object.entries({ names: namesOf(leaf), ...issuerParams(chain) }))
    if (value !== undefined) known[name] = value;
  return known;
}
