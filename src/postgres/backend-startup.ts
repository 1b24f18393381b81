import { utf8, utf8Bytes } from '../base/bytes';
import type { PostgresServer, Role } from './backend-options';
import { truncationNotice } from './backend-session';
import { LIMITS } from './constants';
import type { HbaQuery } from './hba';
import type { BackendMessage, Parameters } from './message-types';

/** What a StartupMessage asks for (`ProcessStartupPacket`). */
export interface StartupRequest {
  readonly user: string;
  /** Empty for physical replication, which has none. */
  readonly database: string;
  readonly applicationName: string;
  /** What the client is told when its application_name was too long. */
  readonly truncated: BackendMessage | null;
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

export function readStartup(parameters: Parameters): StartupRequest {
  const value = (wanted: string) => parameters.findLast(([name]) => name === wanted)?.[1] ?? '';
  const user = cutName(value('user'));
  const applicationName = cutName(value('application_name'));
  const replication = value('replication');
  const logical = replication === 'database';
  const physical = !logical && /^(t|tr|tru|true|y|ye|yes|on|1)$/i.test(replication);
  const known = replication === '' || logical || physical || /^(f\w*|no?|off?|0)$/i.test(replication);
  return {
    user,
    database: physical ? '' : cutName(value('database')) || user,
    applicationName,
    truncated: truncationNotice(value('application_name'), applicationName),
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

/** Direct or indirect membership, itself included; roles that do not exist are members of nothing (`is_member`). */
function isMember(roles: readonly Role[], user: string, role: string): boolean {
  const exists = (name: string) => roles.some((known) => known.name === name);
  if (!exists(user) || !exists(role)) return false;
  const seen = new Set<string>([user]);
  for (const name of seen) {
    if (name === role) return true;
    for (const next of roles.find((known) => known.name === name)?.memberOf ?? []) seen.add(next);
  }
  return false;
}

/** Names are cut to 63 bytes (`NAMEDATALEN`), at a character's boundary. */
function cutName(name: string): string {
  const bytes = utf8Bytes(name);
  if (bytes.length <= LIMITS.name) return name;
  return utf8(bytes.subarray(0, LIMITS.name)).replace(/\uFFFD$/, '');
}
