/** Every cause of PostgreSQL. */

import { POSTGRES_CLOSE_CAUSES } from './postgres-close';
import { POSTGRES_ENCRYPTION_CAUSES } from './postgres-encryption';
import { POSTGRES_GATEWAY_CAUSES } from './postgres-gateway';
import { POSTGRES_LOGIN_CAUSES } from './postgres-login';
import { POSTGRES_SERVER_CAUSES } from './postgres-server';
import { POSTGRES_SESSION_CAUSES } from './postgres-session';

export const POSTGRES_CAUSES = {
  ...POSTGRES_SESSION_CAUSES,
  ...POSTGRES_ENCRYPTION_CAUSES,
  ...POSTGRES_LOGIN_CAUSES,
  ...POSTGRES_SERVER_CAUSES,
  ...POSTGRES_GATEWAY_CAUSES,
  ...POSTGRES_CLOSE_CAUSES,
} as const;
