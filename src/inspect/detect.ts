/**
 * Which protocol a flow speaks, by what its first bytes say. What is known of the server is asked only where the content cannot tell:
 * inside TLS without keys.
 */

import { detectMongo } from '../mongodb/detect';
import { detectPostgres } from '../postgres/detect';
import { offeredProtocols } from '../tls/hello';
import { RECORD_HEADER } from '../tls/record';
import { looksLikeClientHello } from '../tls/sniff';
import type { Protocol } from '../trace/model';

/** ALPN protocol that libpq and PostgreSQL demand for direct TLS (`PG_ALPN_PROTOCOL`, libpq-fe.h). */
const POSTGRES_ALPN = 'postgresql';

/** A hello with post-quantum key shares is under 2 KiB; a longer one is judged by its beginning. */
const LONGEST_HELLO = 3500;

export type Detection =
  | { readonly kind: 'found'; readonly protocol: Protocol; readonly direct: boolean }
  /** TLS from the first byte; only the plaintext could tell, and there may be a key for it. `named`: ALPN names another protocol. */
  | { readonly kind: 'tls'; readonly named: boolean }
  | { readonly kind: 'no' }
  | { readonly kind: 'more' };

const NO: Detection = { kind: 'no' };
const MORE: Detection = { kind: 'more' };

/**
 * @param client first bytes of the side that is taken for the client; may be empty.
 * @param server first bytes of the other side; may be empty.
 * @param known what the server is known to speak; asked only for TLS that does not say.
 */
export function detect(client: Uint8Array, server: Uint8Array, known: Protocol | undefined): Detection {
  const hello = client.length === 0 ? 'no' : looksLikeClientHello(client);
  if (hello === 'yes') return detectTls(client, known);

  const postgres = detectPostgres(client, server);
  if (postgres === 'yes') return { kind: 'found', protocol: 'postgres', direct: false };
  const mongo = detectMongo(client, server);
  if (mongo === 'yes') return { kind: 'found', protocol: 'mongodb', direct: false };
  return hello === 'more' || postgres === 'more' || mongo === 'more' ? MORE : NO;
}

/** Whether bytes are lines of text, as those of HTTP, mail and many other services are. */
export function looksLikeText(bytes: Uint8Array): boolean {
  const length = Math.min(bytes.length, 64);
  for (let i = 0; i < length; i++) {
    const byte = bytes[i];
    if (byte !== 0x0a && byte !== 0x0d && byte !== 0x09 && (byte < 0x20 || byte === 0x7f)) return false;
  }
  return length > 0;
}

function detectTls(client: Uint8Array, known: Protocol | undefined): Detection {
  const end = RECORD_HEADER + ((client[3] << 8) | client[4]);
  if (client.length < Math.min(end, LONGEST_HELLO)) return MORE;
  const protocols = offeredProtocols(client.subarray(RECORD_HEADER, end));
  if (protocols.includes(POSTGRES_ALPN)) return { kind: 'found', protocol: 'postgres', direct: true };
  if (known !== undefined && protocols.length === 0) return { kind: 'found', protocol: known, direct: true };
  return { kind: 'tls', named: protocols.length > 0 };
}
