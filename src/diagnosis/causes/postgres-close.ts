/** Connections that end without a word of PostgreSQL: the step tells where to look. */
import type { CauseRow } from './row';

export const POSTGRES_CLOSE_CAUSES = {
  PG_SERVER_STALLED: { severity: 'error', side: 'server', certainty: 'likely' },
  PG_CLIENT_LEFT: { severity: 'error', side: 'client', certainty: 'possible' },
  PG_MESSAGE_CUT: { severity: 'error', side: 'server', certainty: 'likely' },
  PG_CLOSED_AT_STARTUP: { severity: 'error', side: 'server', certainty: 'possible' },
  PG_CLOSED_AT_ENCRYPTION: { severity: 'error', side: 'server', certainty: 'possible' },
  PG_CLOSED_INSIDE_TLS: { severity: 'error', side: 'between', certainty: 'possible' },
  PG_CLOSED_AT_REQUEST: { severity: 'error', side: 'server', certainty: 'possible' },
  PG_CLOSED_AT_ANSWER: { severity: 'error', side: 'server', certainty: 'possible' },
  PG_CLOSED_AFTER_LOGIN: { severity: 'error', side: 'server', certainty: 'possible' },
  PG_STOPPED_WITHOUT_START: { severity: 'info', side: 'client', certainty: 'likely' },
} as const satisfies Record<string, CauseRow>;
