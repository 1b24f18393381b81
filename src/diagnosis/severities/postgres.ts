/** How serious each finding about PostgreSQL is. */
import type { FindingSeverities } from '../findings';

export const POSTGRES_SEVERITIES = {
  PG_SSL_REFUSED: 'warning',
  PG_SSL_ERROR_RESPONSE: 'error',
  PG_SURPLUS_AFTER_SSL_RESPONSE: 'error',
  PG_SURPLUS_AFTER_SSL_REQUEST: 'error',
  PG_CLEARTEXT_PASSWORD: 'error',
  PG_PASSWORD_METHOD: 'hint',
  PG_MD5: 'warning',
  PG_NO_AUTHENTICATION: 'info',
  PG_SCRAM_UNFINISHED: 'warning',
  PG_CHANNEL_BINDING_UNUSED: 'info',
  PG_PLUS_WITHOUT_TLS: 'error',
  PG_DIRECT_WITHOUT_ALPN: 'error',
  PG_PROTOCOL_NEGOTIATED: 'info',
  PG_BAD_NEGOTIATION: 'error',
  PG_NO_HBA_ENTRY: 'error',
  PG_CHANNEL_BINDING_FAILED: 'error',
  PG_CERTIFICATE_BY_SSLMODE: 'hint',
  PG_NEGOTIATE_INSIDE_TLS: 'warning',
  PG_BAD_STARTUP_PACKET: 'error',
  PG_MALFORMED: 'error',
  PG_OUT_OF_ORDER: 'warning',
  PG_NOT_POSTGRES: 'error',
  PG_GAP: 'info',
  PG_DOUBLE_LOGIN: 'warning',
} as const satisfies FindingSeverities<string>;
