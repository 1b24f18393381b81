/** Causes below TLS and the protocols: nothing was answered, or it was lost. */
import type { CauseRow } from './row';

export const NETWORK_CAUSES = {
  TCP_REFUSED: { severity: 'error', side: 'server', certainty: 'shown' },
  TCP_REJECTED: { severity: 'error', side: 'between', certainty: 'shown' },
  TCP_UNREACHABLE: { severity: 'error', side: 'between', certainty: 'shown' },
  TCP_NO_ANSWER: { severity: 'error', side: 'between', certainty: 'likely' },
  TCP_ANSWER_LOST: { severity: 'error', side: 'between', certainty: 'likely' },
  TCP_CLOSED_AT_ONCE: { severity: 'error', side: 'server', certainty: 'possible' },
  TCP_PORT_CHECK: { severity: 'info', side: 'client', certainty: 'likely' },
  TCP_LARGE_PACKETS_LOST: { severity: 'error', side: 'between', certainty: 'likely' },
  TCP_PACKETS_LOST: { severity: 'error', side: 'between', certainty: 'likely' },
  TCP_CLIENT_CANCELLED: { severity: 'warning', side: 'client', certainty: 'likely' },
  TCP_CLOSED_TOGETHER: { severity: 'info', side: 'nobody', certainty: 'shown' },
  TCP_SERVER_SILENT: { severity: 'error', side: 'server', certainty: 'likely' },
  TCP_CLIENT_SILENT: { severity: 'warning', side: 'client', certainty: 'likely' },
} as const satisfies Record<string, CauseRow>;
