/** Before and around TLS: the requests for encryption, and what answers them. */
import type { CauseRow } from './row';

export const POSTGRES_ENCRYPTION_CAUSES = {
  PG_TLS_DECLINED: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_TLS_NOT_STARTED: { severity: 'error', side: 'client', certainty: 'likely' },
  PG_SSL_REQUEST_CLOSED: { severity: 'error', side: 'between', certainty: 'possible' },
  PG_SSL_ERROR: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_GSS_CLOSED: { severity: 'error', side: 'server', certainty: 'likely' },
  PG_GSS_DECLINED: { severity: 'error', side: 'client', certainty: 'likely' },
  PG_GSS_ERROR: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_GSS_ABANDONED: { severity: 'error', side: 'client', certainty: 'likely' },
  PG_GSS_ENCRYPTED: { severity: 'info', side: 'capture', certainty: 'shown' },
  PG_SURPLUS_BEFORE_TLS: { severity: 'error', side: 'between', certainty: 'shown' },
  PG_PLAIN_START_CLOSED: { severity: 'error', side: 'server', certainty: 'possible' },
  PG_DIRECT_TLS_IN_CLEAR: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_ALPN_NOT_OFFERED: { severity: 'error', side: 'client', certainty: 'likely' },
  PG_ALPN_NOT_CHOSEN: { severity: 'error', side: 'server', certainty: 'likely' },
  PG_NOT_POSTGRES: { severity: 'error', side: 'server', certainty: 'likely' },
  PG_BAD_STARTUP: { severity: 'error', side: 'client', certainty: 'shown' },
} as const satisfies Record<string, CauseRow>;
