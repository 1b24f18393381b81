import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import type { Derive } from '../mongodb/server/user-store';

/** PBKDF2 off the event loop. */
export const derive: Derive = async ({ password, salt, iterations, length, hash }) =>
  new Uint8Array(await promisify(pbkdf2)(password, salt, iterations, length, hash));
