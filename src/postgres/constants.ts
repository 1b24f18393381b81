/** Numbers of the wire protocol, from PostgreSQL's `pqcomm.h` and `protocol.h`. */

/** Codes in the place where a StartupMessage has its version. */
export const CANCEL_REQUEST_CODE = 80877102;
export const SSL_REQUEST_CODE = 80877103;
export const GSSENC_REQUEST_CODE = 80877104;

export interface ProtocolVersion {
  readonly major: number;
  readonly minor: number;
}

export const PROTOCOL_3_0: ProtocolVersion = { major: 3, minor: 0 };
export const PROTOCOL_3_2: ProtocolVersion = { major: 3, minor: 2 };

/** The ALPN name both sides use (`PG_ALPN_PROTOCOL`). */
export const ALPN_PROTOCOL = 'postgresql';

export const LIMITS = {
  /** A startup packet's body after its length word (`MAX_STARTUP_PACKET_LENGTH`). */
  startupBody: { min: 4, max: 10_000 },
  /** Authentication requests and NegotiateProtocolVersion, length word included (`PQconnectPoll`). */
  authRequest: { min: 8, max: 2_000 },
  /** ErrorResponse before authentication (`MAX_ERRLEN` in `PQconnectPoll`). */
  errorResponse: { min: 8, max: 30_000 },
  /** Every other message of the start of a session (`pqParseInput3` doubts more than this). */
  sessionStart: { min: 4, max: 30_000 },
  /** What the backend accepts as a password or token (`PG_MAX_AUTH_TOKEN_LENGTH`). */
  authToken: { min: 4, max: 65_535 },
  /** What the backend accepts as a SASL message (`PG_MAX_SASL_MESSAGE_LENGTH`). */
  saslMessage: { min: 4, max: 1_024 },
  /** Length of a cancel key: 4 bytes in 3.0, up to 256 in 3.2. */
  cancelKey: { min: 1, max: 256 },
  /** A role's or database's name is cut to this many bytes (`NAMEDATALEN` - 1). */
  name: 63,
} as const;

export interface LengthLimit {
  readonly min: number;
  readonly max: number;
}

/** The version as the protocol writes it: major in the high 16 bits. */
export function versionNumber(version: ProtocolVersion): number {
  return ((version.major & 0xffff) << 16) | (version.minor & 0xffff);
}

export function versionFromNumber(number: number): ProtocolVersion {
  return { major: (number >>> 16) & 0xffff, minor: number & 0xffff };
}

export function versionText(version: ProtocolVersion): string {
  return `${version.major}.${version.minor}`;
}
