import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { postgresMd5Stored } from '../../../src/auth/md5';
import { formatPostgresVerifier } from '../../../src/auth/postgres-verifier';
import { verifierFromSalted } from '../../../src/auth/scram-keys';
import { utf8Bytes } from '../../../src/base/bytes';
import { PostgresBackend } from '../../../src/postgres/backend/backend';
import type { HbaMethod, HbaRule, PostgresServer } from '../../../src/postgres/backend/backend-options';
import { PostgresClient } from '../../../src/postgres/client/client';
import type { PostgresClientOptions } from '../../../src/postgres/client/client-options';
import { seededRandom } from './pair';

export const PASSWORD = 'correct horse';

/** A SCRAM verifier with few rounds, so that tests are fast. */
export function scramVerifier(password: string, iterations = 16): string {
  const salt = utf8Bytes('0123456789abcdef');
  const salted = pbkdf2(sha256, utf8Bytes(password), salt, { c: iterations, dkLen: 32 });
  return formatPostgresVerifier(verifierFromSalted('sha256', salted, salt, iterations));
}

export function hba(method: HbaMethod, type: HbaRule['type'] = 'host'): HbaRule {
  return { type, database: 'all', user: 'all', method };
}

export function testServer(options: Partial<PostgresServer> = {}): PostgresServer {
  return {
    ssl: true,
    hba: [hba('scram-sha-256')],
    roles: [
      { name: 'app_user', password: scramVerifier(PASSWORD) },
      { name: 'old_user', password: postgresMd5Stored('old_user', PASSWORD) },
      { name: 'no_password', password: null },
      { name: 'no_login', password: scramVerifier(PASSWORD), canLogin: false },
    ],
    databases: ['app'],
    version: '18.4',
    mockSecret: new Uint8Array(32).fill(7),
    ...options,
  };
}

export function testBackend(server: PostgresServer = testServer()): PostgresBackend {
  return new PostgresBackend(server, { processId: 4711, remoteAddress: '127.0.0.1' }, seededRandom(2));
}

export function testClient(options: Partial<PostgresClientOptions> = {}): PostgresClient {
  const defaults = { user: 'app_user', database: 'app', password: PASSWORD, encryption: 'plain' } as const;
  return new PostgresClient({ ...defaults, ...options }, seededRandom(1));
}
