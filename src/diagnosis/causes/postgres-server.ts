/** What PostgreSQL says by SQLSTATE, apart from authentication. */
import type { CauseRow } from './row';

export const POSTGRES_SERVER_CAUSES = {
  PG_DATABASE_UNKNOWN: { severity: 'error', side: 'client', certainty: 'shown' },
  PG_OPTION_IN_DATABASE: { severity: 'error', side: 'client', certainty: 'likely' },
  PG_DATABASE_CLOSED: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_NO_CONNECT_PRIVILEGE: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_REPLICATION_DENIED: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_PERMISSION_DENIED: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_CONNECTION_LIMIT: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_OUT_OF_RESOURCES: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_STARTING_UP: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_SHUTTING_DOWN: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_RECOVERING: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_HOT_STANDBY_OFF: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_TERMINATED: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_CRASHED: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_CANCELED: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_PROTOCOL_UNKNOWN: { severity: 'error', side: 'client', certainty: 'shown' },
  PG_PROTOCOL_BROKEN: { severity: 'error', side: 'between', certainty: 'likely' },
  PG_NEGOTIATION_REFUSED: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_NOT_SUPPORTED: { severity: 'error', side: 'client', certainty: 'shown' },
  PG_PARAMETER_REFUSED: { severity: 'error', side: 'client', certainty: 'shown' },
  PG_STATEMENT_GONE: { severity: 'error', side: 'between', certainty: 'likely' },
  PG_CANNOT_START_PROCESS: { severity: 'error', side: 'server', certainty: 'likely' },
  PG_SERVER_ERROR: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_CLIENT_ERROR: { severity: 'error', side: 'client', certainty: 'shown' },
} as const satisfies Record<string, CauseRow>;
