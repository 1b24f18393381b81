/** Connections that came to a session, or past their login. */
import type { CauseRow } from './row';

export const POSTGRES_SESSION_CAUSES = {
  PG_READY: { severity: 'ok', side: 'nobody', certainty: 'shown' },
  PG_WRONG_TARGET: { severity: 'warning', side: 'client', certainty: 'possible' },
  PG_NEGOTIATION_IGNORED: { severity: 'error', side: 'server', certainty: 'likely' },
  PG_CANCEL: { severity: 'info', side: 'client', certainty: 'shown' },
  PG_SESSION_OPEN: { severity: 'info', side: 'capture', certainty: 'shown' },
  PG_ENCRYPTED: { severity: 'info', side: 'capture', certainty: 'shown' },
} as const satisfies Record<string, CauseRow>;
