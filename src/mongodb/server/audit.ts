/** Audit records as MongoDB Enterprise writes them (System Event Audit Messages, schema `mongo`; mongos `src/mongo/db/audit.h`). */
import type { Operation } from './operation';
import type { UserName } from './user-document';

interface Address {
  readonly ip: string;
  readonly port: number;
}

export interface AuditRecord {
  /** What was done: `authenticate`, `authCheck`, `createUser`, … */
  readonly atype: string;
  readonly ts: { readonly $date: string };
  readonly local: Address;
  readonly remote: Address;
  /** Who the client is now. */
  readonly users: readonly UserName[];
  readonly roles: readonly { readonly role: string; readonly db: string }[];
  readonly param: Readonly<Record<string, unknown>>;
  /** 0, or the error code. */
  readonly result: number;
}

/** `audit::logAuthentication`: every end of an authentication, good or bad. Never a secret. */
export function logAuthentication(
  operation: Operation,
  mechanism: string,
  name: UserName,
  result: number,
): void {
  const { user, db } = name;
  write(operation, 'authenticate', { user, db, mechanism }, result);
  operation.stage('audit::logAuthentication', `${user}@${db} by ${mechanism}, result ${result}`);
}

/** `audit::logCommandAuthzCheck`: refusals, as without `auditAuthorizationSuccess`. */
export function logCommandAuthzCheck(operation: Operation, command: string, result: number): void {
  write(operation, 'authCheck', { command, ns: operation.database }, result);
}

/** `audit::logCreateUser`, `logUpdateUser` and `logDropUser`. */
export function logUserChange(operation: Operation, what: string, { user, db }: UserName): void {
  write(operation, what, { user, db }, 0);
}

function write(operation: Operation, atype: string, param: AuditRecord['param'], result: number): void {
  const { client, service } = operation;
  if (!service.options.log) return;
  const { users } = client.authorization;
  const record: AuditRecord = {
    atype,
    ts: { $date: new Date(service.options.now()).toISOString() },
    local: addressOf(client.local),
    remote: addressOf(client.remote),
    users: users.map(({ name }) => ({ user: name.user, db: name.db })),
    roles: users.flatMap((user) => [...user.document.roles]),
    param,
    result,
  };
  operation.log('AUDIT', JSON.stringify(record));
}

/** Of `host:port`. */
function addressOf(text: string): Address {
  const colon = text.lastIndexOf(':');
  return { ip: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}
