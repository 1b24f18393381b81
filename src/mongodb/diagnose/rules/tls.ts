/** A fatal alert that ended the connection. */
import { type Cause, cause } from '../../../diagnosis/cause';
import type { Rule } from '../../../diagnosis/rules';
import { alertWords } from '../../../tls/alert-words';
import type { MongoFacts } from '../facts';

export const TLS_ALERT_RULES: readonly Rule<MongoFacts>[] = [{ gives: ['MONGO_CLIENT_ERROR'], find: alert }];

function alert(facts: MongoFacts): Cause | null {
  const { trace, record } = facts;
  const late = record.tlsEstablished;
  const found = trace.tls?.alerts.find(
    ({ level, description, from }) =>
      level === 'fatal' && description !== 'close_notify' && (!late || from === 'server'),
  );
  if (!found || (late && record.messages.server > 0)) return null;
  const { from, description } = found;
  const words = alertWords(found);
  const text = `The ${from} ended the TLS handshake with ${description}${words ? `: ${words.meaning}. ${words.help}` : ''}`;
  return cause(
    'MONGO_CLIENT_ERROR',
    'failed',
    { text },
    {
      side: from === 'client' ? 'client' : 'server',
      error: { from, code: 'TLS_ALERT', message: `TLS alert ${description}` },
    },
  );
}
