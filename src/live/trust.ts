import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as tls from 'node:tls';

/** Where the usual systems keep their trusted authorities as one PEM file. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
  '/usr/local/etc/openssl@3/cert.pem',
  '/opt/homebrew/etc/openssl@3/cert.pem',
];

/**
 * PEM text of what `value` names: PEM itself, or the path of a PEM file. Rejects with the system's error when the file cannot be
 * read.
 */
export async function pemOf(value: string): Promise<string> {
  if (value.includes('-----BEGIN')) return value;
  return readFile(value, 'utf8');
}

/** The operating system's trusted authorities; undefined where they are not found: then Node's own list is used. */
export async function systemAuthorities(): Promise<string[] | undefined> {
  const fromNode = (tls as { getCACertificates?: (kind: 'system') => string[] }).getCACertificates?.(
    'system',
  );
  if (fromNode && fromNode.length > 0) return fromNode;
  const candidates = [process.env.SSL_CERT_FILE ?? '', ...SYSTEM_BUNDLES];
  const bundle = candidates.find((path) => path !== '' && existsSync(path));
  return bundle === undefined ? undefined : [await readFile(bundle, 'utf8')];
}
