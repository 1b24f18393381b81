/** It went on inside TLS, and nobody has the keys. */
import { cause } from '../../../diagnosis/cause';
import { closedBy, endedBy, type PostgresFacts, type PostgresRule } from '../facts';

/** A login that succeeds is followed by queries; one that is refused ends with the server closing after a few records. */
const FEW_RECORDS = 6;

export const SEALED_RULES: readonly PostgresRule[] = [{ gives: ['PG_ENCRYPTED'], find: encrypted }];

function encrypted(facts: PostgresFacts) {
  const { trace, observed, missing, wire } = facts;
  if (wire.client.cut + wire.server.cut > 0) return null;
  const { client, server } = observed.ciphertext;
  const open = endedBy(facts) === null;
  if (client + server === 0 && !(open && observed.established && !trace.tls?.decrypted)) return null;
  const early = missing === null && closedBy(facts) === 'server' && server <= FEW_RECORDS ? 'yes' : undefined;
  return cause('PG_ENCRYPTED', 'encrypted', { encryption: trace.tls?.version ?? 'TLS', early });
}
