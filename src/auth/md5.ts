import { md5 } from '@noble/hashes/legacy.js';
import { concat, hex, utf8Bytes } from '../base/bytes';

export function md5Hex(bytes: Uint8Array): string {
  return hex(md5(bytes));
}

/** What PostgreSQL stores: `md5` + hex(md5(password + user)) (`pg_md5_encrypt`). */
export function postgresMd5Stored(user: string, password: string): string {
  return `md5${md5Hex(utf8Bytes(password + user))}`;
}

/**
 * The answer to AuthenticationMD5Password, from what the server stores: a reader of that table needs no password.
 * @param stored as {@link postgresMd5Stored} gives it.
 * @param salt the request's four bytes.
 */
export function postgresMd5FromStored(stored: string, salt: Uint8Array): string {
  return `md5${md5Hex(concat(utf8Bytes(stored.slice(3)), salt))}`;
}

/** The answer to AuthenticationMD5Password, from the password. */
export function postgresMd5Response(user: string, password: string, salt: Uint8Array): string {
  return postgresMd5FromStored(postgresMd5Stored(user, password), salt);
}
