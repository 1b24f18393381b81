import type { HbaQuery } from '../hba/hba';
import type { Parameters } from '../messages/message-types';
import { cutName, isMember } from './backend-names';
import type { PostgresServer } from './backend-options';

/** What a StartupMessage asks for (`ProcessStartupPacket`). */
export interface StartupRequest {
  readonly user: string;
  /** Empty for physical replication, which has none. */
  readonly database: string;
  /** The value of `options`: a command line of `postgres`. */
  readonly options: string;
  /** Everything else that was named: parameters of the configuration, in order. */
  readonly settings: Parameters;
  /** Physical replication. */
  readonly replication: boolean;
  /** Any replication, `replication=database` too. */
  readonly walSender: boolean;
  /** Why it cannot be served. */
  readonly problem: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
  } | null;
}

/** What the startup packet itself understands; anything else sets a parameter. */
const OWN: ReadonlySet<string> = new Set(['user', 'database', 'options', 'replication']);

export function readStartup(parameters: Parameters): StartupRequest {
  const value = (wanted: string) => parameters.findLast(([name]) => name === wanted)?.[1] ?? '';
  const user = cutName(value('user'));
  const replication = value('replication');
  const logical = replication === 'database';
  const physical = !logical && /^(t|tr|tru|true|y|ye|yes|on|1)$/i.test(replication);
  const known = replication === '' || logical || physical || /^(f\w*|no?|off?|0)$/i.test(replication);
  return {
    user,
    database: physical ? '' : cutName(value('database')) || user,
    options: value('options'),
    settings: parameters.filter(([name]) => !OWN.has(name) && !name.startsWith('_pq_.')),
    replication: physical,
    walSender: physical || logical,
    problem: !known
      ? {
          code: '22023',
          message: `invalid value for parameter "replication": "${replication}"`,
          hint: 'Valid values are: "false", 0, "true", 1, "database".',
        }
      : user === ''
        ? { code: '28000', message: 'no PostgreSQL user name specified in startup packet' }
        : null,
  };
}

/** What pg_hba.conf is asked (`hba_getauthmethod`). */
export function hbaQuery(
  server: PostgresServer,
  startup: StartupRequest,
  client: { readonly secure: boolean; readonly address: string | null; readonly hostName?: string },
): HbaQuery {
  const { user, database, replication } = startup;
  const { secure, address, hostName } = client;
  return {
    secure,
    database,
    user,
    replication,
    address,
    ...(hostName === undefined ? {} : { hostName }),
    interfaces: server.interfaces ?? [],
    memberOf: (role) => isMember(server.roles, user, role),
  };
}
