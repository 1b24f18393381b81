import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, type Stats, statSync } from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import type { Verification } from '../postgres/client/policy';
import { ALPN_PROTOCOL } from '../postgres/constants';
import type { HostSetting } from '../postgres/options/settings';
import { subjectNames } from '../tls/certificate';
import { libpqNameMatches } from '../tls/host-name';
import { type ErrorPlace, type LocalFailure, localFailure } from './errors';
import { userFile } from './libpq-files';
import { revocationLists } from './revocation-lists';
import type { PostgresTarget } from './target-postgres';
import type { LocalProblem, TlsClientSettings } from './tls-client';

const VERIFY = { none: 'none', ca: 'chain', full: 'name' } as const;

/** A file of the folder that libpq looks in. */
function libpqFile(name: string): string {
  return userFile(path.join('.postgresql', name), name);
}

/** The root certificates to use: those given, else libpq's default file; undefined when there are none (`initialize_SSL`). */
export function rootCertificates(target: PostgresTarget): string | undefined {
  const file = target.settings.sslrootcert ?? libpqFile('root.crt');
  return file === 'system' || isPem(file) || existsSync(file) ? file : undefined;
}

/** Revocation lists to check the server's chain with; undefined when none are (`initialize_SSL`). */
function revocationListsOf(target: PostgresTarget, root: string | undefined): readonly string[] | undefined {
  if (root === undefined || root === 'system') return undefined;
  const { sslcrl, sslcrldir } = target.settings;
  return revocationLists(sslcrl ?? (sslcrldir ? undefined : libpqFile('root.crl')), sslcrldir);
}

/** The client's certificate and key, as libpq finds them; undefined when there is none, or it is not wanted (`initialize_SSL`). */
function clientCertificate(
  target: PostgresTarget,
): { readonly certificate: string; readonly key: string } | undefined {
  if (target.settings.sslcertmode === 'disable') return undefined;
  const certificate = target.sslcert ?? libpqFile('postgresql.crt');
  // A file that is not there is no error, even if it was named.
  if (!isPem(certificate) && !existsSync(certificate)) return undefined;
  return { certificate, key: target.sslkey ?? libpqFile('postgresql.key') };
}

/** How TLS is done for one attempt (`initialize_SSL`). */
export function postgresTls(
  target: PostgresTarget,
  host: HostSetting,
  verify: Verification,
): TlsClientSettings {
  const { settings, sslpassword } = target;
  const root = rootCertificates(target);
  return {
    serverName: host.host,
    sendServerName: settings.sslsni,
    verify: VERIFY[verify],
    authorities: root,
    revoked: revocationListsOf(target, root),
    ...clientCertificate(target),
    ...(sslpassword ? { passphrase: sslpassword } : {}),
    alpn: [ALPN_PROTOCOL],
    minVersion: settings.sslMinProtocolVersion ?? 'TLSv1',
    maxVersion: settings.sslMaxProtocolVersion,
    matches,
    noteCertificateRequest: settings.sslcertmode === 'require',
    reason: `sslmode=${settings.sslmode}`,
  };
}

/**
 * What keeps TLS from beginning, whatever the server sends; undefined when it can begin (`initialize_SSL`).
 *
 * @param tls what {@link postgresTls} found for the attempt
 */
export function tlsProblem(
  target: PostgresTarget,
  tls: TlsClientSettings,
  place: ErrorPlace,
): LocalProblem | undefined {
  const failure = rootProblem(target.settings.sslrootcert, tls, place) ?? clientProblem(tls, place);
  return failure && { ...failure.error, cause: failure.cause };
}

function rootProblem(
  named: string | undefined,
  { authorities: root, verify }: TlsClientSettings,
  place: ErrorPlace,
): LocalFailure | undefined {
  if (root === undefined) {
    if (verify === 'none') return undefined;
    const file = named ?? '~/.postgresql/root.crt';
    return localFailure(place, 'LIVE_ROOT_MISSING', { file }, 'ROOT_CERTIFICATE_MISSING');
  }
  if (root === 'system') return undefined;
  try {
    new X509Certificate(contentOf(root));
    return undefined;
  } catch {
    const params = { what: 'root certificate', file: nameOf(root, 'sslrootcert') };
    return localFailure(place, 'LIVE_FILE_UNREADABLE', params, 'ROOT_CERTIFICATE_UNREADABLE');
  }
}

/** What is wrong with the client's certificate or key; undefined without them. */
function clientProblem(
  { certificate, key = '', passphrase }: TlsClientSettings,
  place: ErrorPlace,
): LocalFailure | undefined {
  if (certificate === undefined) return undefined;
  try {
    new X509Certificate(contentOf(certificate));
  } catch {
    const params = { what: 'client certificate', file: nameOf(certificate, 'sslcert') };
    return localFailure(place, 'LIVE_FILE_UNREADABLE', params, 'CERTIFICATE_FILE');
  }
  return keyAccessProblem(key, place) ?? keyProblem(key, passphrase, place);
}

function keyProblem(
  key: string,
  passphrase: string | undefined,
  place: ErrorPlace,
): LocalFailure | undefined {
  try {
    createPrivateKey({ key: contentOf(key), passphrase });
    return undefined;
  } catch {
    return localFailure(place, 'LIVE_KEY_UNUSABLE', { file: nameOf(key, 'sslkey') }, 'CLIENT_KEY');
  }
}

function keyAccessProblem(key: string, place: ErrorPlace): LocalFailure | undefined {
  if (isPem(key)) return undefined;
  let stats: Stats;
  try {
    stats = statSync(key);
  } catch {
    return localFailure(place, 'LIVE_KEY_MISSING', { file: key }, 'CLIENT_KEY_MISSING');
  }
  if (!stats.isFile()) {
    const params = { what: 'client key', file: key, why: 'it is not a regular file' };
    return localFailure(place, 'LIVE_FILE_UNREADABLE', params, 'CLIENT_KEY');
  }
  // Root's files may be read by their group; everybody else's only by themselves.
  const forbidden = stats.uid === 0 ? 0o037 : 0o077;
  if (process.platform === 'win32' || (stats.mode & forbidden) === 0) return undefined;
  return localFailure(place, 'LIVE_KEY_ACCESS', { file: key }, 'CLIENT_KEY_ACCESS');
}

/** As libpq compares them; a certificate that cannot be read is for nobody. */
function matches(host: string, certificate: X509Certificate): boolean {
  const names = subjectNames(new Uint8Array(certificate.raw));
  return names !== null && libpqNameMatches(host, isIP(host) !== 0, names);
}

function contentOf(pemOrPath: string): string | Buffer {
  return isPem(pemOrPath) ? pemOrPath : readFileSync(pemOrPath);
}

function nameOf(pemOrPath: string, option: string): string {
  return isPem(pemOrPath) ? option : pemOrPath;
}

function isPem(value: string): boolean {
  return value.includes('-----BEGIN');
}
