/**
 * System, resolver and OpenSSL error codes → the cause that they mean, for those that no byte on the wire shows.
 * Codes: errno(3), Node's `dns` and `tls` pages, OpenSSL's x509_vfy.h (`X509_V_ERR_…`, named by Node without the prefix).
 */
import type { CauseCode } from '../diagnosis/catalogue';
import { CAUSE_WORDS } from '../diagnosis/words/en';
import type { CauseParams } from '../trace/diagnosis';
import type { LocalCause } from '../trace/local';
import type { TraceError } from '../trace/model';

/** What is known where the error happened. */
export interface ErrorPlace {
  /** `host:port` as the user wrote it. */
  readonly target: string;
  readonly host: string;
  readonly port: number;
  readonly product: 'PostgreSQL' | 'MongoDB';
}

/** Why this side ended an attempt: as `error` of a trace, and as a cause. */
export interface LocalFailure {
  readonly error: TraceError;
  readonly cause: LocalCause;
}

/**
 * @param params what the words of the cause need; undefined values are left out
 * @param code of `error`, where one is known that says more than the cause's: ENOTFOUND, CERT_HAS_EXPIRED
 */
export function localFailure(
  place: ErrorPlace | undefined,
  cause: CauseCode,
  params: Readonly<Record<string, string | number | undefined>> = {},
  code: string = cause,
): LocalFailure {
  const known: Record<string, string | number> = place
    ? { server: place.target, product: place.product }
    : {};
  for (const [name, value] of Object.entries(params)) if (value !== undefined) known[name] = value;
  const message = CAUSE_WORDS[cause].what(known);
  return { error: { from: 'client', code, message }, cause: { code: cause, params: known } };
}

type Found = readonly [CauseCode, CauseParams?];

/** Why a connection could not be opened, where its packets do not tell. */
const CONNECTING: Readonly<Record<string, Found>> = {
  EHOSTUNREACH: ['LIVE_NO_ROUTE'],
  ENETUNREACH: ['LIVE_NO_ROUTE', { network: 1 }],
  EHOSTDOWN: ['LIVE_NO_ROUTE'],
  ENETDOWN: ['LIVE_NO_ROUTE', { network: 1 }],
  EACCES: ['LIVE_NOT_PERMITTED'],
  EPERM: ['LIVE_NOT_PERMITTED'],
  EMFILE: ['LIVE_TOO_MANY_SOCKETS'],
  ENFILE: ['LIVE_TOO_MANY_SOCKETS'],
  ENOENT: ['LIVE_NO_SOCKET_FILE'],
  ENOTSOCK: ['LIVE_NO_SOCKET_FILE'],
  ETIMEDOUT: ['TCP_NO_ANSWER'],
};

/** The cause of a connection that could not be opened; undefined where its packets show it: the server refused, or reset at once. */
export function connectFailure(
  error: unknown,
  place: ErrorPlace,
  socketPath: string | undefined,
  seconds: number,
): LocalFailure | undefined {
  const code = errorCode(error);
  const text = error instanceof Error ? error.message : String(error);
  if (code === 'ECONNREFUSED')
    return socketPath === undefined
      ? undefined
      : localFailure(place, 'LIVE_SOCKET_REFUSED', { path: socketPath }, code);
  if (code === 'ECONNRESET' && socketPath === undefined) return undefined;
  const [cause, params] = CONNECTING[code] ?? ['LIVE_CONNECT_ERROR', {}];
  return localFailure(place, cause, { path: socketPath, seconds, times: 1, text, ...params }, code || cause);
}

/** Why the client refuses a server certificate (`X509_V_ERR_…` as Node names it). */
const CERTIFICATES: Readonly<Record<string, Found>> = {
  CERT_HAS_EXPIRED: ['TLS_CERTIFICATE_EXPIRED', { when: 'expired' }],
  CERT_NOT_YET_VALID: ['TLS_CERTIFICATE_EXPIRED', { when: 'early' }],
  CERT_REVOKED: ['TLS_CERTIFICATE_REVOKED'],
  UNABLE_TO_GET_CRL: ['LIVE_REVOCATION_LIST'],
  CRL_HAS_EXPIRED: ['LIVE_REVOCATION_LIST', { late: 1 }],
  CRL_NOT_YET_VALID: ['LIVE_REVOCATION_LIST', { late: 1 }],
  ERR_TLS_CERT_ALTNAME_INVALID: ['TLS_CERTIFICATE_WRONG_NAME'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['TLS_CERTIFICATE_UNTRUSTED'],
  SELF_SIGNED_CERT_IN_CHAIN: ['TLS_CERTIFICATE_UNTRUSTED'],
  UNABLE_TO_GET_ISSUER_CERT: ['TLS_CERTIFICATE_UNTRUSTED'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['TLS_CERTIFICATE_UNTRUSTED'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['TLS_CERTIFICATE_UNTRUSTED'],
};

/** @param code of the verification error; one that is not in the table is a certificate that was refused for that reason */
function certificateCause(code: string): CauseCode {
  return CERTIFICATES[code]?.[0] ?? 'TLS_CERTIFICATE_REFUSED';
}

export function certificateFailure(
  code: string,
  place: ErrorPlace,
  params: Readonly<Record<string, string | number | undefined>> = {},
): LocalFailure {
  return localFailure(
    place,
    certificateCause(code),
    { name: place.host, reason: code, ...CERTIFICATES[code]?.[1], ...params },
    code,
  );
}

/** What OpenSSL says of files and settings before a byte is sent. */
const SETTINGS: Readonly<Record<string, Found>> = {
  ERR_OSSL_UNSUPPORTED: ['LIVE_KEY_UNUSABLE'],
  ERR_OSSL_PEM_NO_START_LINE: ['LIVE_FILE_UNREADABLE', { what: 'client certificate or key' }],
  ERR_OSSL_BAD_DECRYPT: ['LIVE_KEY_UNUSABLE'],
  ERR_OSSL_PEM_BAD_PASSWORD_READ: ['LIVE_KEY_UNUSABLE'],
  ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED: ['LIVE_KEY_UNUSABLE'],
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: ['LIVE_KEY_MISMATCH'],
};

/** Why TLS could not begin on this side; undefined for what happened on the wire. */
export function settingsFailure(
  code: string,
  text: string,
  place: ErrorPlace,
  file: string,
): LocalFailure | undefined {
  const found =
    SETTINGS[code] ??
    (/^ERR_OSSL_|^ERR_TLS_INVALID|^ERR_INVALID_ARG/.test(code)
      ? (['LIVE_TLS_SETTINGS'] as const)
      : undefined);
  return found && localFailure(place, found[0], { text, file, ...found[1] }, code);
}

/** `code` of a system error, or an empty string. */
export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : '';
}
