/** Every rule about PostgreSQL in order: what was said before what was not, the whole before its parts. */
import { NETWORK_RULES } from '../../../diagnosis/rules/network';
import type { PostgresRule } from '../facts';
import { AUTHENTICATION_RULES } from './authentication';
import { CAPTURE_RULES } from './capture';
import { CLOSE_RULES, OPEN_RULES } from './closes';
import { ENCRYPTION_ENDED, ENCRYPTION_SEEN } from './encryption';
import { ERROR_RULES } from './errors';
import { LOCAL_REST, LOCAL_RULES } from './local';
import { SEALED_RULES } from './sealed';
import { SESSION_RULES } from './session';

export const POSTGRES_RULES: readonly PostgresRule[] = [
  ...LOCAL_RULES,
  ...SESSION_RULES,
  ...ERROR_RULES,
  ...ENCRYPTION_SEEN,
  ...NETWORK_RULES,
  ...ENCRYPTION_ENDED,
  ...SEALED_RULES,
  ...LOCAL_REST,
  ...CAPTURE_RULES,
  ...AUTHENTICATION_RULES,
  ...CLOSE_RULES,
  ...OPEN_RULES,
];
