import { TLS_VERSIONS, type TlsVersion } from './option-values';

export type TlsVersionRange =
  | { readonly ok: true; readonly min: TlsVersion | undefined; readonly max: TlsVersion | undefined }
  | { readonly ok: false; readonly message: string };

const EXPECTED = `expected ${TLS_VERSIONS.join(', ')}`;

/** The versions to offer. Case does not matter; empty means no limit; the least is TLSv1.2 when nothing is said. */
export function tlsVersionRange(least: string | undefined, most: string | undefined): TlsVersionRange {
  const min = versionOf(least ?? 'TLSv1.2');
  const max = versionOf(most ?? '');
  if (min === null) return { ok: false, message: `invalid "ssl_min_protocol_version" value: ${EXPECTED}` };
  if (max === null) return { ok: false, message: `invalid "ssl_max_protocol_version" value: ${EXPECTED}` };
  if (min !== undefined && max !== undefined && TLS_VERSIONS.indexOf(min) > TLS_VERSIONS.indexOf(max)) {
    return { ok: false, message: 'invalid SSL protocol version range' };
  }
  return { ok: true, min, max };
}

/** Undefined without a limit, null for a value that is none. */
function versionOf(text: string): TlsVersion | undefined | null {
  if (text === '') return undefined;
  return TLS_VERSIONS.find((version) => version.toLowerCase() === text.toLowerCase()) ?? null;
}
