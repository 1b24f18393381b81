/** How TLS came to nothing, and what else may have been the reason for a client of PostgreSQL. */
import type { Cause } from '../../../diagnosis/cause';
import { firstCause } from '../../../diagnosis/rules';
import { TLS_RULES } from '../../../diagnosis/rules/shared';
import { ALPN_PROTOCOL } from '../../constants';
import type { PostgresFacts, PostgresRule } from '../facts';

export const POSTGRES_TLS_RULES: readonly PostgresRule[] = [
  { gives: [...new Set(TLS_RULES.flatMap(({ gives }) => gives))], find: tls },
];

function tls(facts: PostgresFacts): Cause | null {
  const found = firstCause(TLS_RULES, facts);
  if (!found?.code.startsWith('TLS_CERTIFICATE_') || !leftAfterSealedAlpn(facts)) return found;
  const alternatives = [...(found.alternatives ?? []), 'PG_ALPN_NOT_CHOSEN'] as const;
  return { ...found, certainty: 'possible', alternatives };
}

/**
 * The client left after its own Finished, without an alert that could be read. libpq looks at ALPN only then, as it does at the certificate's
 * name, and what the server chose is sealed in TLS 1.3.
 */
function leftAfterSealedAlpn({ trace, wire }: PostgresFacts): boolean {
  const { tls: seen } = wire;
  if (!trace.ssl.direct || !seen?.finished.client || seen.alerts.some(({ level }) => level === 'fatal'))
    return false;
  const sealed = trace.tls?.version === 'TLSv1.3' && !trace.tls.decrypted;
  return sealed && (seen.alpnOffered?.includes(ALPN_PROTOCOL) ?? false);
}
