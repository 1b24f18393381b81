import { X509Certificate } from 'node:crypto';
import {
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';
import type { TlsOutcome } from '../base/machine';
import { errorCode } from '../live/errors';
import type { Transport } from '../live/transport';
import type { ServerCertificate } from './certificates';

export interface ServerTls {
  readonly context: SecureContext;
  /** Whose client certificates are trusted, PEM. */
  readonly authority: string;
  readonly alpn?: readonly string[];
  /** Ask for a client certificate and verify it if one comes. */
  readonly requestCertificate?: boolean;
  /** A client certificate that does not verify ends the connection, as PostgreSQL does; without one it goes on. */
  readonly refuseUntrusted?: boolean;
}

/** @param options over those that make the context, such as the versions that are spoken. */
export function serverTls(
  certificate: ServerCertificate,
  more: Omit<ServerTls, 'context' | 'authority'> = {},
  options: SecureContextOptions = {},
): ServerTls {
  const context = createSecureContext({
    cert: certificate.certificate,
    key: certificate.key,
    ca: certificate.caCertificate,
    ...options,
  });
  const authority = typeof options.ca === 'string' ? options.ca : certificate.caCertificate;
  return { context, authority, ...more };
}

/** Accepts TLS on a lab connection. `pending` is what the client already sent of it. Never rejects. */
export async function acceptTls(
  transport: Transport,
  tls: ServerTls,
  pending?: Uint8Array,
): Promise<TlsOutcome> {
  let socket: TLSSocket;
  try {
    socket = await transport.startTlsServer(
      {
        secureContext: tls.context,
        ALPNProtocols: tls.alpn ? [...tls.alpn] : undefined,
        requestCert: tls.requestCertificate ?? false,
        rejectUnauthorized: false,
      },
      pending,
    );
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      alpn: null,
      version: null,
      peerCertificate: null,
      error: { from: 'server', code: errorCode(error) || 'TLS_FAILED', message },
    };
  }
  const facts = {
    alpn: socket.alpnProtocol || null,
    version: socket.getProtocol(),
    peerCertificate: null,
  };
  const peer = socket.getPeerCertificate();
  const came = Object.keys(peer ?? {}).length > 0;
  const trusted = came && isTrusted(peer, tls.authority);
  if (tls.refuseUntrusted && came && !trusted) {
    const message = `certificate verify failed (not issued by the authority for clients, or not valid now)`;
    return { ok: false, ...facts, error: { from: 'server', code: 'CLIENT_CERTIFICATE', message } };
  }
  return {
    ok: true,
    ...facts,
    peerSubject: trusted ? subjectOf(peer) : null,
    peerCommonName: trusted ? commonNameOf(peer) : null,
  };
}

/** Node fills in `authorized` for sockets of its own TLS server only; the lab's authority signs clients directly. */
function isTrusted(peer: PeerCertificate, authority: string): boolean {
  const certificate = new X509Certificate(peer.raw);
  const issuer = new X509Certificate(authority);
  const now = Date.now();
  const isValid = Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo);
  return isValid && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** The subject, most specific part first (RFC 2253 section 2.1); Node gives it in the certificate's order. */
function subjectOf(certificate: PeerCertificate): string | null {
  const entries = Object.entries(certificate.subject ?? {}) as [string, string | string[]][];
  const parts = entries.flatMap(([type, value]) =>
    [value].flat().map((one) => `${type}=${escapeValue(one)}`),
  );
  return parts.length === 0 ? null : parts.reverse().join(',');
}

/** The first, where there are several (`X509_NAME_get_text_by_NID`, as `be_tls_open_server` calls it). */
function commonNameOf(certificate: PeerCertificate): string | null {
  const name = certificate.subject?.CN as string | string[] | undefined;
  return [name].flat()[0] ?? null;
}

/** RFC 2253 section 2.4. */
function escapeValue(value: string): string {
  return value
    .replace(/[,+"\\<>;]/g, (character) => `\\${character}`)
    .replace(/^[ #]/, (character) => `\\${character}`)
    .replace(/ $/, '\\ ');
}
