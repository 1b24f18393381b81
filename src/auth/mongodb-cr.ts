/** MongoDB's own challenge-response, removed in server 4.0, and the password digest that SCRAM-SHA-1 kept from it. */
import { utf8Bytes } from '../base/bytes';
import { md5Hex } from './md5';

/** hex(md5(user + ":mongo:" + password)): stored by MONGODB-CR servers, and the password of SCRAM-SHA-1. */
export function mongoPasswordDigest(user: string, password: string): string {
  return md5Hex(utf8Bytes(`${user}:mongo:${password}`));
}

/** `key` of the `authenticate` command: hex(md5(nonce + user + digest)). The nonce is getnonce's hex text. */
export function mongoCrKey(nonce: string, user: string, passwordDigest: string): string {
  return md5Hex(utf8Bytes(nonce + user + passwordDigest));
}
