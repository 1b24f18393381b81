import type { MONGODB_CAUSES } from '../../causes/mongodb';
import type { CauseWords } from '../words';
import { MONGODB_END_WORDS } from './mongodb-end';
import { MONGODB_HELLO_WORDS } from './mongodb-hello';
import { MONGODB_USE_WORDS } from './mongodb-use';

export const MONGODB_WORDS: Readonly<Record<keyof typeof MONGODB_CAUSES, CauseWords>> = {
  ...MONGODB_USE_WORDS,
  ...MONGODB_HELLO_WORDS,
  ...MONGODB_END_WORDS,
};
