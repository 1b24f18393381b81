import type { PostgresServer, ServerCondition } from './backend-options';
import type { BackendMessage } from './message-types';

/** What `BeginReportingGUCOptions` reports, in its order, by name. */
export function sessionParameters(
  server: PostgresServer,
  user: string,
  applicationName: string,
): BackendMessage[] {
  const values: Record<string, string> = {
    application_name: applicationName,
    client_encoding: 'UTF8',
    DateStyle: 'ISO, MDY',
    default_transaction_read_only: 'off',
    in_hot_standby: 'off',
    integer_datetimes: 'on',
    IntervalStyle: 'postgres',
    is_superuser: server.roles.find((role) => role.name === user)?.superuser ? 'on' : 'off',
    scram_iterations: '4096',
    search_path: '"$user", public',
    server_encoding: 'UTF8',
    server_version: server.version,
    session_authorization: user,
    standard_conforming_strings: 'on',
    TimeZone: 'UTC',
    ...server.parameters,
  };
  return Object.entries(values).map(([parameter, value]) => ({ name: 'ParameterStatus', parameter, value }));
}

/** Why the session cannot start although the client is who it says (`InitPostgres`), or null. */
export function sessionProblem(
  server: PostgresServer,
  user: string,
  database: string,
  walSender = false,
): { readonly code: string; readonly message: string } | null {
  const role = server.roles.find((known) => known.name === user);
  if (!role) return { code: '28000', message: `role "${user}" does not exist` };
  if (role.canLogin === false) return { code: '28000', message: `role "${user}" is not permitted to log in` };
  if (walSender && !role.replication && !role.superuser) {
    return { code: '42501', message: 'permission denied to start WAL sender' };
  }
  if (!(walSender && database === '') && !server.databases.includes(database)) {
    return { code: '3D000', message: `database "${database}" does not exist` };
  }
  return null;
}

/** What a server says that takes nobody in, before it authenticates anyone (`BackendInitialize`). */
export const CONDITION_ERRORS: Readonly<
  Record<ServerCondition, { readonly code: string; readonly message: string }>
> = {
  'starting-up': { code: '57P03', message: 'the database system is starting up' },
  'shutting-down': { code: '57P03', message: 'the database system is shutting down' },
  'in-recovery': { code: '57P03', message: 'the database system is in recovery mode' },
  'too-many-connections': { code: '53300', message: 'sorry, too many clients already' },
};
