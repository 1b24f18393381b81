/** Handshakes as the decoder would give them, written by hand so that the views can be looked at without a decoder. */
import type { Trace } from '../../../src/trace/model';
import { START } from './build';
import { mongoScram } from './mongodb';
import { postgresOk, sslRefused, wrongPassword } from './postgres';

export { mongoCr, mongoScram } from './mongodb';
export { postgresOk, SASL_BYTES, sslRefused, wrongPassword } from './postgres';

/** What a capture of one morning holds. */
export function captureTraces(count = 0): Trace[] {
  const base = [...wrongPassword('capture'), sslRefused(), mongoScram()];
  const kinds = [postgresOk('capture'), ...base];
  const many: Trace[] = [];
  for (let at = base.length; at < count; at++) {
    const kind = kinds[(at * 7) % kinds.length];
    const startTime = new Date((START + at) * 1000).toISOString().replace('Z', '000000Z');
    many.push({
      ...kind,
      id: `t${at + 1}`,
      startTime,
      retryOf: null,
      client: { ...kind.client, port: 40_000 + (at % 20_000) },
    });
  }
  return [...base, ...many];
}
