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
  readonly alpn?: readonly string[];
  /** Ask for a client certificate and verify it if one comes. */
  readonly requestCertificate?: boolean;
}

/** @param options over those that make the context, such as the versions that are spoken. */
export function serverTls(
  certificate: ServerCertificate,
  more: Omit<ServerTls, 'context'> = {},
  options: SecureContextOptions = {},
): ServerTls {
  const context = createSecureContext({
    cert: certificate.certificate,
    key: certificate.key,
    ca: certificate.caCertificate,
    ...options,
  });
  return { context, ...more };
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
  return {
    ok: true,
    alpn: socket.alpnProtocol || null,
    version: socket.getProtocol(),
    peerCertificate: null,
    peerSubject: socket.authorized ? subjectOf(socket.getPeerCertificate()) : null,
  };
}

/** The subject, most specific part first (RFC 2253 section 2.1); Node gives it in the certificate's order. */
function subjectOf(certificate: PeerCertificate): string | null {
  const entries = Object.entries(certificate.subject ?? {}) as [string, string | string[]][];
  const parts = entries.flatMap(([type, value]) =>
    [value].flat().map((one) => `${type}=${escapeValue(one)}`),
  );
  return parts.length === 0 ? null : parts.reverse().join(',');
}

/** RFC 2253 section 2.4. */
function escapeValue(value: string): string {
  return value
    .replace(/[,+"\\<>;]/g, (character) => `\\${character}`)
    .replace(/^[ #]/, (character) => `\\${character}`)
    .replace(/ $/, '\\ ');
}
