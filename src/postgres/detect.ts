import { utf8 } from '../base/bytes';
import { isMysqlGreeting } from '../diagnosis/services';
import { CANCEL_REQUEST_CODE, GSSENC_REQUEST_CODE, LIMITS, SSL_REQUEST_CODE } from './constants';
import { i32 } from './messages/frame';
import { parseBackend } from './messages/message-backend';
import { guessContext } from './observer/observer-read';

/** Enough of an authentication answer to tell what it is: the longest is `md5` and 32 digits. */
const AUTH_RESPONSE_HEAD = 48;

export type PostgresDetection = 'yes' | 'no' | 'more';

/**
 * Whether these first bytes of a connection are PostgreSQL's. By content, on any port.
 *
 * @param client first bytes of the side that is taken for the client; may be empty.
 * @param server first bytes of the other side; may be empty.
 */
export function detectPostgres(client: Uint8Array, server: Uint8Array): PostgresDetection {
  if (client.length === 0) return server.length === 0 ? 'more' : fromServer(server, true);
  const beginning = fromStartup(client);
  if (beginning !== 'no') return beginning;
  const middle = fromAuthResponse(client);
  if (middle === 'no') return 'no';
  if (server.length === 0) return middle;
  // In the middle of an exchange both directions have to agree.
  const other = fromServer(server, false);
  return other === 'no' ? 'no' : middle;
}

/** A packet without a type byte: a length, then a code or a version. */
function fromStartup(bytes: Uint8Array): PostgresDetection {
  if (bytes[0] !== 0) return 'no';
  if (bytes.length < 8) return prefixPossible(bytes) ? 'more' : 'no';
  const length = i32(bytes, 0);
  const code = i32(bytes, 4);
  if (code === SSL_REQUEST_CODE || code === GSSENC_REQUEST_CODE) return length === 8 ? 'yes' : 'no';
  if (code === CANCEL_REQUEST_CODE) return length > 12 && length <= 12 + LIMITS.cancelKey.max ? 'yes' : 'no';
  if (code >>> 16 !== 3 || (code & 0xffff) > 9999) return 'no';
  return fromParameters(bytes);
}

/** Four bytes of a length up to 10,004 need no more than the low 14 bits. */
function prefixPossible(bytes: Uint8Array): boolean {
  if (bytes.length >= 2 && bytes[1] !== 0) return false;
  if (bytes.length >= 3 && bytes[2] > 0x27) return false;
  if (bytes.length < 5) return true;
  return bytes[4] === 0 || bytes[4] === 0x04;
}

/** Version 3.x, then a printable name, NUL, value, NUL: the length word may lie, and then it is a broken PostgreSQL client. */
function fromParameters(bytes: Uint8Array): PostgresDetection {
  if (bytes.length === 8) return 'more';
  const end = bytes.indexOf(0, 8);
  const name = utf8(bytes.subarray(8, end < 0 ? bytes.length : end));
  if (!/^[A-Za-z_][\w.]{0,62}$/.test(name)) return 'no';
  return end < 0 ? 'more' : 'yes';
}

/** Mid-stream: an answer to an authentication request that nothing else looks like. */
function fromAuthResponse(bytes: Uint8Array): PostgresDetection {
  if (bytes[0] !== 0x70) return 'no';
  if (bytes.length < 5) return 'more';
  const length = i32(bytes, 1);
  if (length < 5 || length > LIMITS.authToken.max) return 'no';
  if (bytes.length < Math.min(length + 1, AUTH_RESPONSE_HEAD)) return 'more';
  if (guessContext(bytes) !== 'password') return 'yes';
  const text = utf8(bytes.subarray(5, length + 1));
  return /^md5[0-9a-f]{32}\0$/.test(text) ? 'yes' : 'no';
}

/**
 * The server's bytes alone. An authentication request or an error with a SQLSTATE is PostgreSQL's; another server that speaks
 * first is not.
 * @param alone nothing of the client is known.
 */
function fromServer(bytes: Uint8Array, alone: boolean): PostgresDetection {
  const type = bytes[0];
  if (isMysqlGreeting(bytes)) return 'no';
  if (type !== 0x52 && type !== 0x45) return 'no';
  if (bytes.length < 9) return 'more';
  const length = i32(bytes, 1);
  if (type === 0x52) {
    const code = i32(bytes, 5);
    const sane = length >= 8 && length <= LIMITS.authRequest.max && code >= 0 && code <= 12;
    if (!sane) return 'no';
    if (bytes.length < length + 1) return alone ? 'more' : 'yes';
    return parseBackend(bytes.slice(0, length + 1)).value ? 'yes' : 'no';
  }
  if (length < 12 || length > LIMITS.errorResponse.max) return 'no';
  if (bytes.length < Math.min(length + 1, 512)) return 'more';
  const text = utf8(bytes.subarray(5, Math.min(bytes.length, length + 1)));
  return /^S[^\0]+\0(V[A-Z]+\0)?C[0-9A-Z]{5}\0M/.test(text) ? 'yes' : 'no';
}
