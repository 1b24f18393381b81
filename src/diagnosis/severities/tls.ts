/** How serious each finding about TLS is; an alert by its level. */
import type { FindingSeverities } from '../findings';

export const TLS_SEVERITIES = {
  TLS_ALERT: 'error',
  TLS_POSSIBLE_ALERT: 'hint',
  TLS_NOT_TLS: 'error',
  TLS_OLD_VERSION: 'warning',
  TLS_WEAK_CIPHER: 'warning',
  TLS_SELF_SIGNED: 'info',
  TLS_NAME_MISMATCH: 'warning',
  TLS_CERTIFICATE_EXPIRED: 'warning',
  TLS_CERTIFICATE_NOT_YET_VALID: 'warning',
} as const satisfies FindingSeverities<string>;
