import { PASSWORD } from '../accounts';
import type { Combination } from '../combination';
import { SCRIPT_NAMES } from '../scripted';

/** Servers that are not PostgreSQL, or that say what PostgreSQL would not. */
export function scriptedTable(): Combination[] {
  const table: Combination[] = [];
  for (const name of SCRIPT_NAMES) {
    for (const mode of ['disable', 'prefer', 'require']) {
      // Without SSL the server's answer to SSLRequest is not seen, and with it alone nothing else is.
      const timeout = name === 'silent' || name === 'slow' ? 'connect_timeout=2 ' : '';
      table.push({
        name: `script ${name}: sslmode=${mode}`,
        servers: [name],
        options: `${timeout}sslmode=${mode} user=host_scram password=${PASSWORD}`,
      });
    }
  }
  for (const name of SCRIPT_NAMES.filter(
    (script) => script.startsWith('negotiat') || script.startsWith('key'),
  )) {
    table.push({
      name: `script ${name}: max_protocol_version=latest`,
      servers: [name],
      options: `sslmode=disable max_protocol_version=latest user=host_scram password=${PASSWORD}`,
    });
  }
  for (const name of [
    'closes without a word',
    'silent',
    'slow',
    'HTTP server',
    'starting up',
    'too many connections',
  ] as const) {
    table.push({
      name: `script ${name}, then on18: sslmode=prefer`,
      servers: [name, 'on18'],
      options: `connect_timeout=2 sslmode=prefer user=host_scram password=${PASSWORD}`,
    });
  }
  return table;
}
