/** Something else speaks on this port, or something stands in front. */
import type { CauseRow } from './row';

export const SERVICE_CAUSES = {
  SERVICE_OTHER_ANSWERED: { severity: 'error', side: 'server', certainty: 'shown' },
  SERVICE_OTHER_CLIENT: { severity: 'error', side: 'client', certainty: 'shown' },
  SERVICE_TLS_EXPECTED: { severity: 'error', side: 'client', certainty: 'shown' },
  SERVICE_PROXY_HEADER: { severity: 'error', side: 'between', certainty: 'likely' },
} as const satisfies Record<string, CauseRow>;
