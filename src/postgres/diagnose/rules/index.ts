/** Every rule about PostgreSQL in order: what was said before what was not, the whole before its parts. */
import { LOCAL_CAUSE_RULE } from '../../../diagnosis/rules/local';
import {
  CAPTURE_ENDS_RULE,
  EARLY_RULES,
  MISSING_RULES,
  SILENCE_RULES,
} from '../../../diagnosis/rules/shared';
import type { PostgresRule } from '../facts';
import { AUTHENTICATION_RULES } from './authentication';
import { MIDDLE_RULES } from './capture';
import { CLOSE_RULES, LEFT_RULES } from './closes';
import { ENCRYPTION_ENDED, ENCRYPTION_ERRORS, ENCRYPTION_SEEN } from './encryption';
import { ERROR_RULES } from './errors';
import { LOCAL_BEHIND, LOCAL_REST, LOCAL_RULES } from './local';
import { SEALED_RULES } from './sealed';
import { SESSION_RULES } from './session';
import { POSTGRES_TLS_RULES } from './tls';

export const POSTGRES_RULES: readonly PostgresRule[] = [
  LOCAL_CAUSE_RULE,
  ...LOCAL_RULES,
  ...SESSION_RULES,
  ...ERROR_RULES,
  ...ENCRYPTION_ERRORS,
  ...EARLY_RULES,
  ...ENCRYPTION_SEEN,
  ...ENCRYPTION_ENDED,
  ...POSTGRES_TLS_RULES,
  ...LOCAL_BEHIND,
  ...SEALED_RULES,
  ...MIDDLE_RULES,
  ...MISSING_RULES,
  ...AUTHENTICATION_RULES,
  ...CLOSE_RULES,
  ...SILENCE_RULES,
  ...LEFT_RULES,
  ...LOCAL_REST,
  CAPTURE_ENDS_RULE,
];
