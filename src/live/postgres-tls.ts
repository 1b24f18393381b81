import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { MachineError } from '../base/machine';
import { ALPN_PROTOCOL } from '../postgres/constants';
import type { Verification } from '../postgres/policy';
import type { HostSetting } from '../postgres/settings';
import type { PostgresTarget } from './target-postgres';
import type { TlsClientSettings } from './tls-client';

const VERIFY = { none: 'none', ca: 'chain', full: 'name' } as const;

/** A file of the folder that libpq looks in, if it is there. */
function libpqFile(name: string): string | undefined {
  const folder =
    process.platform === 'win32'
      ? path.join(process.env.APPDATA ?? '', 'postgresql')
      : path.join(homedir(), '.postgresql');
  const file = path.join(folder, name);
  return existsSync(file) ? file : undefined;
}

/** The root certificates to use: those given, else libpq's default file; undefined when there are none (`initialize_SSL`). */
export function rootCertificates(target: PostgresTarget): string | undefined {
  const { sslrootcert } = target.settings;
  if (sslrootcert === undefined) return libpqFile('root.crt');
  if (sslrootcert === 'system' || sslrootcert.includes('-----BEGIN')) return sslrootcert;
  return existsSync(sslrootcert) ? sslrootcert : undefined;
}

/** How TLS is done for one attempt (`initialize_SSL`). */
export function postgresTls(
  target: PostgresTarget,
  host: HostSetting,
  verify: Verification,
): TlsClientSettings {
  const { settings, sslcert, sslkey, sslpassword } = target;
  const certificate = sslcert ?? libpqFile('postgresql.crt');
  return {
    serverName: host.host || (host.hostaddr ?? ''),
    sendServerName: settings.sslsni,
    verify: VERIFY[verify],
    authorities: rootCertificates(target),
    ...(certificate ? { certificate, key: sslkey ?? libpqFile('postgresql.key') } : {}),
    ...(sslpassword ? { passphrase: sslpassword } : {}),
    alpn: [ALPN_PROTOCOL],
    minVersion: 'TLSv1.2',
    reason: `sslmode=${settings.sslmode}`,
  };
}

/** libpq's complaint when the server could not be verified whatever it sends; undefined when it could. */
export function tlsProblem(
  target: PostgresTarget,
  host: HostSetting,
  verify: Verification,
): MachineError | undefined {
  if (verify === 'none') return undefined;
  if (rootCertificates(target) === undefined) {
    const file = target.settings.sslrootcert ?? '~/.postgresql/root.crt';
    const message =
      `root certificate file "${file}" does not exist. ` +
      "Give the file as sslrootcert, use the system's trusted roots with sslrootcert=system, or change sslmode so that the certificate is not verified.";
    return { from: 'client', code: 'ROOT_CERTIFICATE_MISSING', message };
  }
  if (verify === 'full' && host.host === '') {
    const message =
      'host name must be specified for a verified SSL connection. Give host beside hostaddr: it is what the certificate is compared with.';
    return { from: 'client', code: 'HOST_NAME_MISSING', message };
  }
  return undefined;
}
