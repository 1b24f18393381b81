/** What only this side of a connection knows: names, files, its own limits. A Connect Test gives these; no capture shows them. */
import type { CauseRow } from './row';

export const LOCAL_CAUSES = {
  LIVE_CANCELLED: { severity: 'info', side: 'nobody', certainty: 'shown' },
  LIVE_KEPT_WAITING: { severity: 'error', side: 'server', certainty: 'shown' },
  LIVE_NO_PASSWORD: { severity: 'error', side: 'client', certainty: 'shown' },
  LIVE_NAME_NOT_FOUND: { severity: 'error', side: 'client', certainty: 'shown' },
  LIVE_NAME_SERVER_SILENT: { severity: 'error', side: 'between', certainty: 'shown' },
  LIVE_SRV_NOT_FOUND: { severity: 'error', side: 'client', certainty: 'shown' },
  LIVE_SRV_REFUSED: { severity: 'error', side: 'client', certainty: 'shown' },
  LIVE_NOT_AN_ADDRESS: { severity: 'error', side: 'client', certainty: 'shown' },
  LIVE_NO_ROUTE: { severity: 'error', side: 'between', certainty: 'shown' },
  LIVE_NOT_PERMITTED: { severity: 'error', side: 'client', certainty: 'shown' },
  LIVE_TOO_MANY_SOCKETS: { severity: 'error', side: 'client', certainty: 'shown' },
  LIVE_NO_SOCKET_FILE: { severity: 'error', side: 'server', certainty: 'shown' },
  LIVE_SOCKET_REFUSED: { severity: 'error', side: 'server', certainty: 'shown' },
  LIVE_CONNECT_ERROR: { severity: 'error', side: 'client', certainty: 'shown' },
  LIVE_MECHANISM_NOT_SPOKEN: { severity: 'warning', side: 'client', certainty: 'shown' },
  LIVE_ROOT_MISSING: { severity: 'error', side: 'client', certainty: 'shown' },
  LIVE_FILE_UNREADABLE: { severity: 'error', side: 'client', certainty: 'shown' },
  LIVE_KEY_MISSING: { severity: 'error', side: 'client', certainty: 'shown' },
  LIVE_KEY_ACCESS: { severity: 'error', side: 'client', certainty: 'shown' },
  LIVE_KEY_UNUSABLE: { severity: 'error', side: 'client', certainty: 'shown' },
  LIVE_KEY_MISMATCH: { severity: 'error', side: 'client', certainty: 'shown' },
  LIVE_TLS_SETTINGS: { severity: 'error', side: 'client', certainty: 'shown' },
  LIVE_HOST_NAME_MISSING: { severity: 'error', side: 'client', certainty: 'shown' },
  LIVE_REVOCATION_LIST: { severity: 'error', side: 'client', certainty: 'shown' },
} as const satisfies Record<string, CauseRow>;
