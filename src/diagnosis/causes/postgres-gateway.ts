/** Poolers, gateways and managed services that answer in the place of PostgreSQL. */
import type { CauseRow } from './row';

export const POSTGRES_GATEWAY_CAUSES = {
  PG_POOLER_CANNOT_REACH_SERVER: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_POOLER_SERVER_LOGIN_FAILED: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_POOLER_NO_SECRET: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_POOLER_PASSWORD_REFUSED: { severity: 'error', side: 'client', certainty: 'shown' },
  PG_POOLER_USER_UNKNOWN: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_POOLER_NO_POOL: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_POOLER_FULL: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_POOLER_WAITED: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_POOLER_PARAMETER: { severity: 'error', side: 'client', certainty: 'shown' },
  PG_POOLER_CLIENT_SLOW: { severity: 'error', side: 'client', certainty: 'shown' },
  PG_POOLER_CONFIG: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_POOLER_STOPPED: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_POOLER_REJECTS: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_POOLER_ERROR: { severity: 'error', side: 'server', certainty: 'likely' },
  PG_GATEWAY_TENANT_UNKNOWN: { severity: 'error', side: 'client', certainty: 'shown' },
  PG_GATEWAY_NO_SNI: { severity: 'error', side: 'client', certainty: 'shown' },
  PG_GATEWAY_USER_FORMAT: { severity: 'error', side: 'client', certainty: 'shown' },
  PG_GATEWAY_NO_SECRET: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_GATEWAY_ADDRESS_REFUSED: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_GATEWAY_SUSPENDED: { severity: 'error', side: 'server', certainty: 'shown' },
  PG_GATEWAY_TOKEN_REFUSED: { severity: 'error', side: 'client', certainty: 'shown' },
} as const satisfies Record<string, CauseRow>;
