import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import type { Derive } from '../mongodb/server/user-store';

/** PBKDF2 off the event loop. */
export async function derive(request: Parameters<Derive>[0]): Promise<Uint8Array> {
  const { password, salt, iterations, length, hash } = request;
  return new Uint8Array(await promisify(pbkdf2)(password, salt, iterations, length, hash));
}
