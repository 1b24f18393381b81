/** Every cause in English. */
import type { CauseCode } from '../../catalogue';
import type { CauseWords } from '../words';
import { CAPTURE_WORDS } from './capture';
import { NETWORK_WORDS } from './network';
import { POSTGRES_WORDS } from './postgres';

export const CAUSE_WORDS: Readonly<Record<CauseCode, CauseWords>> = {
  ...NETWORK_WORDS,
  ...CAPTURE_WORDS,
  ...POSTGRES_WORDS,
};
