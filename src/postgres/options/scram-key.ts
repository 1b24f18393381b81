import { fromBase64 } from '../../auth/base64';

/** Length of SCRAM-SHA-256's keys (`SCRAM_MAX_KEY_LEN`). */
const KEY_LENGTH = 32;

/**
 * What is wrong with `scram_client_key` or `scram_server_key`, or null (`pqConnectOptions2`). They let a client log in without the
 * password; a valid one is refused as not supported, so that nobody takes a login by password for one by key.
 */
export function scramKeyProblem(which: 'Client' | 'Server', text: string | undefined): string | null {
  if (text === undefined) return null;
  const name = which.toLowerCase();
  const key = fromBase64(text);
  if (!key) return `invalid SCRAM ${name} key`;
  if (key.length !== KEY_LENGTH) return `invalid SCRAM ${name} key length: ${key.length}`;
  return `scram_${name}_key is not supported here: give the password`;
}
