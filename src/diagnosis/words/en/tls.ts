import type { TLS_CAUSES } from '../../causes/tls';
import type { CauseWords } from '../words';
import { TLS_CERTIFICATE_WORDS } from './tls-certificate';
import { TLS_HANDSHAKE_WORDS } from './tls-handshake';

export const TLS_WORDS: Readonly<Record<keyof typeof TLS_CAUSES, CauseWords>> = {
  ...TLS_CERTIFICATE_WORDS,
  ...TLS_HANDSHAKE_WORDS,
};
