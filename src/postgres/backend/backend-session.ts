import type { BackendMessage } from '../messages/message-types';
import type { PostgresServer, ServerCondition } from './backend-options';

/**
 * What `BeginReportingGUCOptions` reports, in the order of PostgreSQL 18: that of its hash table.
 *
 * @param set what the client set, by the parameter's name
 */
export function sessionParameters(
  server: PostgresServer,
  user: string,
  set: ReadonlyMap<string, string>,
): BackendMessage[] {
  const values: Record<string, string> = {
    in_hot_standby: 'off',
    integer_datetimes: 'on',
    TimeZone: 'UTC',
    IntervalStyle: 'postgres',
    search_path: '"$user", public',
    is_superuser: server.roles.find((role) => role.name === user)?.superuser ? 'on' : 'off',
    application_name: '',
    default_transaction_read_only: 'off',
    scram_iterations: '4096',
    DateStyle: 'ISO, MDY',
    standard_conforming_strings: 'on',
    session_authorization: user,
    client_encoding: 'UTF8',
    server_version: server.version,
    server_encoding: 'UTF8',
    ...server.parameters,
  };
  return Object.entries(values).map(([parameter, value]) => ({
    name: 'ParameterStatus',
    parameter,
    value: set.get(parameter) ?? value,
  }));
}

/** Why the session cannot start although the client is who it says (`InitPostgres`), or null. */
export function sessionProblem(
  server: PostgresServer,
  user: string,
  database: string,
  walSender = false,
): { readonly code: string; readonly message: string; readonly detail?: string } | null {
  const role = server.roles.find((known) => known.name === user);
  if (!role) return { code: '28000', message: `role "${user}" does not exist` };
  if (role.canLogin === false) return { code: '28000', message: `role "${user}" is not permitted to log in` };
  if (walSender && !role.replication && !role.superuser) {
    const detail = 'Only roles with the REPLICATION attribute may start a WAL sender process.';
    return { code: '42501', message: 'permission denied to start WAL sender', detail };
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
