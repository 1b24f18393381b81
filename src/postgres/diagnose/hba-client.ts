import type { TraceBuilder } from '../../trace/builder';
import type { HbaClient } from '../hba/hba-line';
import { nameIn } from '../messages/error-fields';

/** Values of the parameter replication that ask for a physical one (`parse_bool`). */
const PHYSICAL = /^(t|true|y|yes|on|1)$/i;

/** The server's own view of the address is in its words; ours may be from the other side of an address translation. */
/** @param replication parameter of the StartupMessage; null without one. */
export function hbaClient(
  trace: TraceBuilder,
  message: string,
  secure: boolean,
  replication: string | null,
): HbaClient {
  const local = message.includes('"[local]"') || trace.client.address.startsWith('/');
  const address = /"(\d+\.\d+\.\d+\.\d+|[0-9a-fA-F:.]*:[0-9a-fA-F:.%\w]*)"/.exec(message)?.[1];
  const named = /host "([^"[]+)"/.exec(message)?.[1];
  return {
    address: local ? null : (address ?? named ?? trace.client.address),
    user: trace.auth.user ?? nameIn(message, 'user') ?? '',
    database: trace.auth.database ?? nameIn(message, 'database') ?? '',
    secure,
    // Physical replication: with replication=database the database's name is matched.
    replication: /for replication connection/.test(message) || PHYSICAL.test(replication ?? ''),
  };
}
