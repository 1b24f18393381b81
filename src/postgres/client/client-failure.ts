import type { MachineError } from '../../base/machine';
import type { ServerError } from '../messages/error-fields';
import type { BackendMessage } from '../messages/message-types';
import type { Phase } from '../phases';
import type { FailureKind } from './client-options';

/** SQLSTATEs that decide what comes next (`ERRCODE_CANNOT_CONNECT_NOW`, `ERRCODE_APPNAME_UNKNOWN`). */
const CANNOT_CONNECT_NOW = '57P03';
const UNDEFINED_OBJECT = '42704';

/** Why an attempt ended, and what that allows next. */
export interface ClientFailure {
  readonly kind: FailureKind;
  readonly error: MachineError;
  /** The server's own words, when it sent an ErrorResponse that may be believed. */
  readonly server?: ServerError;
}

/** What an ErrorResponse allows next: before authentication is complete another attempt, after it hardly anything. */
export function serverFailure(
  server: ServerError,
  phase: Phase,
  applicationName: string | undefined,
): ClientFailure {
  const named = server.code === UNDEFINED_OBJECT && Boolean(applicationName);
  const late = named ? 'application-name' : 'final';
  const early = server.code === CANNOT_CONNECT_NOW ? 'cannot-connect-now' : 'error-response';
  return {
    kind: phase === 'auth-ok' ? late : early,
    error: {
      from: 'server',
      code: server.code || 'SERVER_ERROR',
      message: `${server.severity}: ${server.message}`,
    },
    server,
  };
}

/** libpq's words for a message that may not come now (`pg_fe_sendauth`, `PQconnectPoll`). */
export function illegalMessage(message: BackendMessage): { readonly code: string; readonly problem: string } {
  if (message.name === 'AuthenticationUnknown') {
    return { code: 'AUTH_UNSUPPORTED', problem: `authentication method ${message.code} not supported` };
  }
  if (message.name === 'AuthenticationSASL') {
    return { code: 'PROTOCOL_VIOLATION', problem: 'duplicate SASL authentication request' };
  }
  if (message.name.startsWith('AuthenticationSASL')) {
    const problem = `fe_sendauth: invalid authentication request from server: ${message.name} out of order`;
    return { code: 'PROTOCOL_VIOLATION', problem };
  }
  const title = message.name === 'Other' ? message.title : message.name;
  return { code: 'PROTOCOL_VIOLATION', problem: `unexpected ${title} from server during startup` };
}
