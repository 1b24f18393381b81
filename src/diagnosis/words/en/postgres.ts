/** Causes of PostgreSQL in English. */
import type { POSTGRES_CAUSES } from '../../causes/postgres';
import type { CauseWords } from '../words';
import { POSTGRES_CLOSE_WORDS } from './postgres-close';
import { POSTGRES_ENCRYPTION_WORDS } from './postgres-encryption';
import { POSTGRES_GATEWAY_WORDS } from './postgres-gateway';
import { POSTGRES_LOGIN_WORDS } from './postgres-login';
import { POSTGRES_SERVER_WORDS } from './postgres-server';
import { POSTGRES_SESSION_WORDS } from './postgres-session';

export const POSTGRES_WORDS: Readonly<Record<keyof typeof POSTGRES_CAUSES, CauseWords>> = {
  ...POSTGRES_SESSION_WORDS,
  ...POSTGRES_ENCRYPTION_WORDS,
  ...POSTGRES_LOGIN_WORDS,
  ...POSTGRES_SERVER_WORDS,
  ...POSTGRES_GATEWAY_WORDS,
  ...POSTGRES_CLOSE_WORDS,
};
