/** TLS came to nothing. */
import type { CauseRow } from './row';

export const TLS_CAUSES = {
  TLS_CERTIFICATE_UNTRUSTED: { severity: 'error', side: 'client', certainty: 'shown' },
  TLS_CERTIFICATE_EXPIRED: { severity: 'error', side: 'server', certainty: 'shown' },
  TLS_CERTIFICATE_REVOKED: { severity: 'error', side: 'server', certainty: 'shown' },
  TLS_CERTIFICATE_WRONG_NAME: { severity: 'error', side: 'server', certainty: 'likely' },
  TLS_CERTIFICATE_WITHOUT_SAN: { severity: 'error', side: 'server', certainty: 'likely' },
  TLS_CERTIFICATE_REFUSED: { severity: 'error', side: 'client', certainty: 'shown' },
  TLS_CLIENT_CERTIFICATE_MISSING: { severity: 'error', side: 'client', certainty: 'shown' },
  TLS_CLIENT_CERTIFICATE_REFUSED: { severity: 'error', side: 'client', certainty: 'shown' },
  TLS_NO_COMMON_VERSION: { severity: 'error', side: 'client', certainty: 'shown' },
  TLS_NO_COMMON_CIPHER: { severity: 'error', side: 'client', certainty: 'shown' },
  TLS_NO_COMMON_ALPN: { severity: 'error', side: 'client', certainty: 'shown' },
  TLS_SERVER_NAME_UNKNOWN: { severity: 'error', side: 'client', certainty: 'shown' },
  TLS_INTERNAL_ERROR: { severity: 'error', side: 'server', certainty: 'possible' },
  TLS_MESSAGES_DAMAGED: { severity: 'error', side: 'between', certainty: 'possible' },
  TLS_ALERT: { severity: 'error', side: 'nobody', certainty: 'shown' },
  TLS_CLOSED_ON_HELLO: { severity: 'error', side: 'server', certainty: 'possible' },
  TLS_SERVER_SILENT: { severity: 'error', side: 'server', certainty: 'possible' },
  TLS_ENDED_BY_SERVER: { severity: 'error', side: 'server', certainty: 'possible' },
  TLS_ENDED_BY_CLIENT: { severity: 'error', side: 'client', certainty: 'possible' },
} as const satisfies Record<string, CauseRow>;
