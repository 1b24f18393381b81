import { typeName } from '../messages/frame';
import type { EventName } from '../transitions';
import type { ClientFailure } from './client-failure';

/** What the byte after SSLRequest or GSSENCRequest means to the client. */
export interface EncryptionAnswer {
  /** The server's event; absent when the byte is none of its answers. */
  readonly event?: EventName;
  /** What comes next, unless it failed: TLS, or the next request, which is in the clear. */
  readonly next?: 'tls' | 'request';
  readonly failure?: Pick<ClientFailure, 'kind' | 'error'>;
}

/** `PQconnectPoll`, case CONNECTION_SSL_STARTUP. @param plainAfterRefusal go on in the clear when the server has no TLS. */
export function sslAnswer(byte: number, plainAfterRefusal = false): EncryptionAnswer {
  switch (byte) {
    case 0x53:
      return { event: 'SSLResponse S', next: 'tls' };
    case 0x4e:
      if (plainAfterRefusal) return { event: 'SSLResponse N', next: 'request' };
      return {
        event: 'SSLResponse N',
        ...refusal('SSL_REFUSED', 'server does not support SSL, but SSL was required'),
      };
    case 0x45: {
      // CVE-2024-10977: what follows was not authenticated by anything, so its text is not shown.
      const message = 'server sent an error response during SSL exchange';
      return { failure: { kind: 'final', error: { from: 'server', code: 'SSL_ERROR_RESPONSE', message } } };
    }
    default: {
      const got = typeName(byte);
      const message = `received invalid response to SSL negotiation: ${got}`;
      return refusal('SSL_BAD_ANSWER', message, { expected: 'S or N', got });
    }
  }
}

/** `PQconnectPoll`, case CONNECTION_GSS_STARTUP. */
export function gssAnswer(byte: number): EncryptionAnswer {
  switch (byte) {
    case 0x4e:
      return { event: 'GSSENCResponse N', next: 'request' };
    case 0x47: {
      const message = 'the server accepted GSSAPI encryption, which this client does not have';
      return refusal('GSS_UNSUPPORTED', message);
    }
    case 0x45: {
      const error = {
        from: 'server',
        code: 'GSS_ERROR_RESPONSE',
        message: 'server sent an error response during GSS encryption exchange',
      } as const;
      return { failure: { kind: 'error-response', error } };
    }
    default: {
      const got = typeName(byte);
      const message = `received invalid response to GSSAPI negotiation: ${got}`;
      return refusal('GSS_BAD_ANSWER', message, { expected: 'G or N', got });
    }
  }
}

function refusal(
  code: string,
  message: string,
  detail: { readonly expected?: string; readonly got?: string } = {},
): EncryptionAnswer {
  return { failure: { kind: 'final', error: { from: 'client', code, message, ...detail } } };
}
