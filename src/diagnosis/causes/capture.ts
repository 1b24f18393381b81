/** The capture lacks what would tell. */
import type { CauseRow } from './row';

export const CAPTURE_CAUSES = {
  CAPTURE_ENDS: { severity: 'info', side: 'capture', certainty: 'shown' },
  CAPTURE_BYTES_MISSING: { severity: 'info', side: 'capture', certainty: 'shown' },
  CAPTURE_CUT_PACKETS: { severity: 'info', side: 'capture', certainty: 'shown' },
  CAPTURE_STARTS_LATE: { severity: 'info', side: 'capture', certainty: 'shown' },
  CAPTURE_ONE_DIRECTION: { severity: 'info', side: 'capture', certainty: 'shown' },
  CAPTURE_UNDECIDED: { severity: 'info', side: 'capture', certainty: 'possible' },
} as const satisfies Record<string, CauseRow>;
