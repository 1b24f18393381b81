import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import type { MachineError } from '../base/machine';
import type { Verification } from '../postgres/client/policy';
import { ALPN_PROTOCOL } from '../postgres/constants';
import type { HostSetting } from '../postgres/options/settings';
import { userFile } from './libpq-files';
import { revocationLists } from './revocation-lists';
import type { PostgresTarget } from './target-postgres';
import type { TlsClientSettings } from './tls-client';

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
    noteCertificateRequest: settings.sslcertmode === 'require',
    reason: `sslmode=${settings.sslmode}`,
  };
}

/**
 * libpq's complaint when TLS cannot begin, whatever the server sends; undefined when it can (`initialize_SSL`).
 *
 * @param tls what {@link postgresTls} found for the attempt
 */
export function tlsProblem(target: PostgresTarget, tls: TlsClientSettings): MachineError | undefined {
  return rootProblem(target.settings.sslrootcert, tls) ?? clientProblem(tls);
}

function rootProblem(
  named: string | undefined,
  { authorities: root, verify }: TlsClientSettings,
): MachineError | undefined {
  if (root === undefined) {
    if (verify === 'none') return undefined;
    const file = named ?? '~/.postgresql/root.crt';
    const message =
      `root certificate file "${file}" does not exist. ` +
      "Give the file as sslrootcert, use the system's trusted roots with sslrootcert=system, or change sslmode so that the certificate is not verified.";
    return { from: 'client', code: 'ROOT_CERTIFICATE_MISSING', message };
  }
  if (root === 'system') return undefined;
  try {
    new X509Certificate(contentOf(root));
    return undefined;
  } catch {
    const message = `could not read root certificate file "${nameOf(root, 'sslrootcert')}". It must hold certificates in PEM.`;
    return { from: 'client', code: 'ROOT_CERTIFICATE_UNREADABLE', message };
  }
}

/** What is wrong with the client's certificate or key; undefined without them. */
function clientProblem({ certificate, key = '', passphrase }: TlsClientSettings): MachineError | undefined {
  if (certificate === undefined) return undefined;
  try {
    new X509Certificate(contentOf(certificate));
  } catch {
    const message = `could not read certificate file "${nameOf(certificate, 'sslcert')}". It must hold a certificate in PEM.`;
    return { from: 'client', code: 'CERTIFICATE_FILE', message };
  }
  return keyAccessProblem(key) ?? keyProblem(key, passphrase);
}

function keyProblem(key: string, passphrase: string | undefined): MachineError | undefined {
  try {
    createPrivateKey({ key: contentOf(key), passphrase });
    return undefined;
  } catch {
    const why = 'It must hold a private key in PEM, and sslpassword its passphrase if it has one.';
    const message = `could not load private key file "${nameOf(key, 'sslkey')}". ${why}`;
    return { from: 'client', code: 'CLIENT_KEY', message };
  }
}

function keyAccessProblem(key: string): MachineError | undefined {
  if (isPem(key)) return undefined;
  let stats: Stats;
  try {
    stats = statSync(key);
  } catch {
    const message = `certificate present, but not private key file "${key}"`;
    return { from: 'client', code: 'CLIENT_KEY_MISSING', message };
  }
  if (!stats.isFile()) {
    return { from: 'client', code: 'CLIENT_KEY', message: `private key file "${key}" is not a regular file` };
  }
  // Root's files may be read by their group; everybody else's only by themselves.
  const forbidden = stats.uid === 0 ? 0o037 : 0o077;
  if (process.platform === 'win32' || (stats.mode & forbidden) === 0) return undefined;
  const message =
    `private key file "${key}" has group or world access; file must have permissions u=rw (0600) or less ` +
    'if owned by the current user, or permissions u=rw,g=r (0640) or less if owned by root';
  return { from: 'client', code: 'CLIENT_KEY_ACCESS', message };
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
