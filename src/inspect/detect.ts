/**
 * Which protocol a flow speaks, by what its first bytes say. Ports are asked only where the content cannot tell: inside TLS without
 * keys.
 */

import { detectMongo } from '../mongodb/detect';
import { detectPostgres } from '../postgres/detect';
import { offeredProtocols } from '../tls/hello';
import { RECORD_HEADER } from '../tls/record';
import { looksLikeClientHello } from '../tls/sniff';
import type { Protocol } from '../trace/model';

/** Ports that stand in for content where there is none to see: inside TLS, and on a connection that was never made. */
export const PORTS: Readonly<Record<Protocol, readonly number[]>> = {
  mongodb: [27017, 27018, 27019],
  postgres: [5432],
};

/** Whether a port says by itself what is spoken on it. */
export function isKnownPort(port: number): boolean {
  return PORTS.postgres.includes(port) || PORTS.mongodb.includes(port);
}

/** ALPN protocol that libpq and PostgreSQL demand for direct TLS (`PG_ALPN_PROTOCOL`, libpq-fe.h). */
const POSTGRES_ALPN = 'postgresql';

/** A hello with post-quantum key shares is under 2 KiB; a longer one is judged by its beginning. */
const LONGEST_HELLO = 3500;

export type Detection =
  | { readonly kind: 'found'; readonly protocol: Protocol; readonly direct: boolean }
  /** TLS from the first byte; only the plaintext could tell, and there may be a key for it. */
  | { readonly kind: 'tls' }
  | { readonly kind: 'no' }
  | { readonly kind: 'more' };

const NO: Detection = { kind: 'no' };
const MORE: Detection = { kind: 'more' };

/**
 * @param client first bytes of the side that is taken for the client; may be empty.
 * @param server first bytes of the other side; may be empty.
 * @param serverPort asked only for TLS without ALPN.
 */
export function detect(client: Uint8Array, server: Uint8Array, serverPort: number): Detection {
  const hello = client.length === 0 ? 'no' : looksLikeClientHello(client);
  if (hello === 'yes') return detectTls(client, serverPort);

  const postgres = detectPostgres(client, server);
  if (postgres === 'yes') return { kind: 'found', protocol: 'postgres', direct: false };
  const mongo = detectMongo(client, server);
  if (mongo === 'yes') return { kind: 'found', protocol: 'mongodb', direct: false };
  return hello === 'more' || postgres === 'more' || mongo === 'more' ? MORE : NO;
}

function detectTls(client: Uint8Array, serverPort: number): Detection {
  const end = RECORD_HEADER + ((client[3] << 8) | client[4]);
  if (client.length < Math.min(end, LONGEST_HELLO)) return MORE;
  const protocols = offeredProtocols(client.subarray(RECORD_HEADER, end));
  if (protocols.includes(POSTGRES_ALPN)) return { kind: 'found', protocol: 'postgres', direct: true };
  if (protocols.length === 0) {
    if (PORTS.mongodb.includes(serverPort)) return { kind: 'found', protocol: 'mongodb', direct: true };
    if (PORTS.postgres.includes(serverPort)) return { kind: 'found', protocol: 'postgres', direct: true };
  }
  return { kind: 'tls' };
}
