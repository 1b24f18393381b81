/** How serious each finding about MongoDB is. */
import type { FindingSeverities } from '../findings';

export const MONGODB_SEVERITIES = {
  MG_CR: 'warning',
  MG_CREDENTIALS_WITHOUT_TLS: 'warning',
  MG_PLAIN_IN_THE_CLEAR: 'error',
  MG_LOW_ITERATIONS: 'warning',
  MG_CLIENT_CERTIFICATE: 'info',
  MG_SERVER_SIGNATURE_MISSING: 'warning',
  MG_NONCE_MISMATCH: 'error',
  MG_NONCE_REUSED: 'warning',
  MG_SCRAM_NONCE_REUSED: 'warning',
  MG_CONVERSATION_ID: 'error',
  MG_RESPONSE_TO: 'warning',
  MG_COMPRESSED_UNREAD: 'info',
  MG_MALFORMED: 'warning',
  MG_RETIRED_OPCODE: 'info',
  MG_REAUTHENTICATION: 'info',
  MG_CAPTURE_STARTS_LATE: 'info',
  MG_GAP: 'info',
} as const satisfies FindingSeverities<string>;
