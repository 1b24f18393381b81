import { fromBase64, toBase64 } from '../../auth/base64';
import { concat, utf8, utf8Bytes } from '../../base/bytes';
import { buildBackend } from '../messages/message-build';
import type { FaultLine } from './fault';

/** Options of the connection that meets a fault. */
export const CLEAR = { sslmode: 'disable' } as const;
export const VERIFY = { sslmode: 'verify-full' } as const;
export const DIRECT = { sslmode: 'require', sslnegotiation: 'direct' } as const;

/** What a web server says to bytes that are no request. */
export const HTTP_ANSWER = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

/** The first half of the server's message. */
export function half(message: Uint8Array): Uint8Array {
  return message.subarray(0, message.length >> 1);
}

/** NegotiateProtocolVersion before the server's message. */
export function negotiate(major: number, minor: number, options: readonly string[]): FaultLine['write'] {
  return (message) =>
    concat(buildBackend({ name: 'NegotiateProtocolVersion', version: { major, minor }, options }), message);
}

/** AuthenticationSASLContinue with its SCRAM text changed: type, length and code are 9 bytes. */
export function scram(message: Uint8Array, what: RegExp, to: string): Uint8Array {
  const data = utf8Bytes(utf8(message.subarray(9)).replace(what, to));
  return buildBackend({ name: 'AuthenticationSASLContinue', data });
}

/** AuthenticationSASLFinal signed by somebody else. */
export function wrongSignature(message: Uint8Array): Uint8Array {
  const text = utf8(message.subarray(9));
  const signature = fromBase64(text.slice(2)) ?? new Uint8Array(32);
  const other = signature.map((byte) => byte ^ 0xff);
  return buildBackend({ name: 'AuthenticationSASLFinal', data: utf8Bytes(`v=${toBase64(other)}`) });
}
