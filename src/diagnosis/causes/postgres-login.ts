/** Authentication: who was refused, by whom and for what. */
import type { CauseRow } from './row';

export const POSTGRES_LOGIN_CAUSES = {
  PG_PASSWORD_REFUSED: { severity: 'error', side: 'client', certainty: 'shown' },
  PG_PASSWORD_EMPTY: { severity: 'error', side: 'client', certainty: 'shown' },
  PG_PASSWORD_NOT_GIVEN: { severity: 'error', side: 'client', certainty: 'possible' },
  PG_CHANNEL_BINDING_MISSING: {
    severity: 'error',
    side: 'between',
    certainty: 'possible',
    alike: ['PG_PASSWORD_NOT_GIVEN'],
  },
  PG_CHANNEL_BINDING_FAILED: { severity: 'error', side: 'between', certainty: 'shown' },
  PG_PLUS_WITHOUT_TLS: { severity: 'error', side: 'between', certainty: 'likely' },
  PG_METHOD_UNSUPPORTED: { severity: 'error', side: 'client', certainty: 'likely' },
  PG_METHOD_FORBIDDEN: { severity: 'error', side: 'client', certainty: 'shown' },
  PG_SCRAM_BROKEN: { severity: 'error', side: 'between', certainty: 'shown' },
  PG_SERVER_NOT_PROVED: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_HBA_NO_ENTRY: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_HBA_REJECTS: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_CERTIFICATE_NOT_MAPPED: { severity: 'error', side: 'server', certainty: 'likely' },
  PG_CLIENT_CERTIFICATE_WANTED: { severity: 'error', side: 'client', certainty: 'likely' },
  PG_IDENTITY_REFUSED: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_EXTERNAL_REFUSED: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_ROLE_UNKNOWN: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_ROLE_CANNOT_LOGIN: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_USER_NAME_MISSING: { severity: 'error', side: 'client', certainty: 'shown' },
  PG_LOGIN_REFUSED: { severity: 'error', side: 'server', certainty: 'likely' },
  PG_AUTHENTICATION_TIMEOUT: { severity: 'error', side: 'client', certainty: 'likely' },
  PG_TLS_REQUIRED: { severity: 'error', side: 'client', certainty: 'shown' },
} as const satisfies Record<string, CauseRow>;
