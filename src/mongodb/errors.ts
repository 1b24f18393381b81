/** Error codes of the server that an authentication can meet (`src/mongo/base/error_codes.yml`). */
export const MongoCode = {
  INTERNAL_ERROR: 1,
  BAD_VALUE: 2,
  NO_SUCH_KEY: 4,
  FAILED_TO_PARSE: 9,
  USER_NOT_FOUND: 11,
  UNSUPPORTED_FORMAT: 12,
  UNAUTHORIZED: 13,
  TYPE_MISMATCH: 14,
  PROTOCOL_ERROR: 17,
  AUTHENTICATION_FAILED: 18,
  COMMAND_NOT_FOUND: 59,
  AUTH_SCHEMA_INCOMPATIBLE: 69,
  INVALID_NAMESPACE: 73,
  SSL_HANDSHAKE_FAILED: 141,
  MECHANISM_UNAVAILABLE: 334,
  UNSUPPORTED_OP_QUERY: 352,
  REAUTHENTICATION_REQUIRED: 391,
  ATLAS_ERROR: 8000,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map([
  [MongoCode.INTERNAL_ERROR, 'InternalError'],
  [MongoCode.BAD_VALUE, 'BadValue'],
  [MongoCode.NO_SUCH_KEY, 'NoSuchKey'],
  [MongoCode.FAILED_TO_PARSE, 'FailedToParse'],
  [MongoCode.USER_NOT_FOUND, 'UserNotFound'],
  [MongoCode.UNSUPPORTED_FORMAT, 'UnsupportedFormat'],
  [MongoCode.UNAUTHORIZED, 'Unauthorized'],
  [MongoCode.TYPE_MISMATCH, 'TypeMismatch'],
  [MongoCode.PROTOCOL_ERROR, 'ProtocolError'],
  [MongoCode.AUTHENTICATION_FAILED, 'AuthenticationFailed'],
  [MongoCode.COMMAND_NOT_FOUND, 'CommandNotFound'],
  [26, 'NamespaceNotFound'],
  [50, 'MaxTimeMSExpired'],
  [76, 'NoReplicationEnabled'],
  [91, 'ShutdownInProgress'],
  [189, 'PrimarySteppedDown'],
  [10_107, 'NotWritablePrimary'],
  [11_600, 'InterruptedAtShutdown'],
  [13_435, 'NotPrimaryNoSecondaryOk'],
  [13_436, 'NotPrimaryOrSecondary'],
  [MongoCode.AUTH_SCHEMA_INCOMPATIBLE, 'AuthSchemaIncompatible'],
  [MongoCode.INVALID_NAMESPACE, 'InvalidNamespace'],
  [MongoCode.SSL_HANDSHAKE_FAILED, 'SSLHandshakeFailed'],
  [MongoCode.MECHANISM_UNAVAILABLE, 'MechanismUnavailable'],
  [MongoCode.UNSUPPORTED_OP_QUERY, 'UnsupportedOpQueryCommand'],
  [MongoCode.REAUTHENTICATION_REQUIRED, 'ReauthenticationRequired'],
  [MongoCode.ATLAS_ERROR, 'AtlasError'],
]);

/** `AuthenticationFailed` for 18; `Location…` as the server names assertion numbers without a name. */
export function codeName(code: number): string {
  return NAMES.get(code) ?? `Location${code}`;
}
