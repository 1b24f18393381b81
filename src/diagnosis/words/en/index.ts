/** Every cause in English. */
import type { CauseCode } from '../../catalogue';
import type { CauseWords } from '../words';
import { CAPTURE_WORDS } from './capture';
import { LOCAL_WORDS } from './local';
import { MONGODB_WORDS } from './mongodb';
import { MONGODB_LOGIN_WORDS } from './mongodb-login';
import { NETWORK_WORDS } from './network';
import { POSTGRES_WORDS } from './postgres';
import { SERVICE_WORDS } from './service';
import { TLS_WORDS } from './tls';

export const CAUSE_WORDS: Readonly<Record<CauseCode, CauseWords>> = {
  ...NETWORK_WORDS,
  ...TLS_WORDS,
  ...SERVICE_WORDS,
  ...CAPTURE_WORDS,
  ...POSTGRES_WORDS,
  ...MONGODB_WORDS,
  ...MONGODB_LOGIN_WORDS,
  ...LOCAL_WORDS,
};
