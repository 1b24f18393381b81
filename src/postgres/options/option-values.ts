/**
 * What libpq's options with a list of values may say (`PQconninfoOptions`, `pqConnectOptions2`). Connection strings, settings of the
 * editor and their completion all mean these.
 */
export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

export const SSL_NEGOTIATIONS = ['postgres', 'direct'] as const;
export type SslNegotiation = (typeof SSL_NEGOTIATIONS)[number];

export const SSL_CERT_MODES = ['disable', 'allow', 'require'] as const;
export type SslCertMode = (typeof SSL_CERT_MODES)[number];

export const CHANNEL_BINDINGS = ['disable', 'prefer', 'require'] as const;
export type ChannelBindingMode = (typeof CHANNEL_BINDINGS)[number];

export const GSS_ENC_MODES = ['disable', 'prefer', 'require'] as const;

/** `sslVerifyProtocolVersion`; read without regard to case. */
export const TLS_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
export type TlsVersion = (typeof TLS_VERSIONS)[number];

/** `pqParseProtocolVersion`; `latest` is 3.2. */
export const PROTOCOL_VERSIONS = ['3.0', '3.2', 'latest'] as const;

export const LOAD_BALANCE_HOSTS = ['disable', 'random'] as const;

export const TARGET_SESSION_ATTRS = [
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
] as const;
export type TargetSessionAttrs = (typeof TARGET_SESSION_ATTRS)[number];
