/** Every cause there is, by its code. */
import { CAPTURE_CAUSES } from './causes/capture';
import { LOCAL_CAUSES } from './causes/local';
import { MONGODB_CAUSES } from './causes/mongodb';
import { MONGODB_LOGIN_CAUSES } from './causes/mongodb-login';
import { NETWORK_CAUSES } from './causes/network';
import { POSTGRES_CAUSES } from './causes/postgres';
import type { CauseRow } from './causes/row';
import { SERVICE_CAUSES } from './causes/service';
import { TLS_CAUSES } from './causes/tls';

const ALL = {
  ...NETWORK_CAUSES,
  ...TLS_CAUSES,
  ...SERVICE_CAUSES,
  ...CAPTURE_CAUSES,
  ...POSTGRES_CAUSES,
  ...MONGODB_CAUSES,
  ...MONGODB_LOGIN_CAUSES,
  ...LOCAL_CAUSES,
} as const;

export type CauseCode = keyof typeof ALL;

export const CAUSES: Readonly<Record<CauseCode, CauseRow>> = ALL;
