/** PostgreSQL's text form of a SCRAM verifier, as in `pg_authid.rolpassword` (`parse_scram_secret`, `build_scram_secret`). */
import { fromBase64, toBase64 } from './base64';
import { SCRAM_KEY_LENGTH, type ScramVerifier } from './scram-keys';

const FORM = /^SCRAM-SHA-256\$([0-9]{1,10}):([A-Za-z0-9+/=]{1,1368})\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/;

/** Reads `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`; undefined when the text is anything else. */
export function parsePostgresVerifier(text: string): ScramVerifier | undefined {
  const match = FORM.exec(text);
  if (!match) return undefined;
  const iterations = Number(match[1]);
  const [salt, storedKey, serverKey] = match.slice(2).map(fromBase64);
  if (iterations < 1 || iterations > 0x7fff_ffff || !salt || !storedKey || !serverKey) return undefined;
  const length = SCRAM_KEY_LENGTH.sha256;
  if (storedKey.length !== length || serverKey.length !== length) return undefined;
  return { hash: 'sha256', salt, iterations, storedKey, serverKey };
}

export function formatPostgresVerifier(verifier: ScramVerifier): string {
  const { iterations, salt, storedKey, serverKey } = verifier;
  return `SCRAM-SHA-256$${iterations}:${toBase64(salt)}$${toBase64(storedKey)}:${toBase64(serverKey)}`;
}
