/** Credentials of users that do not exist: an authentication as one of them takes the same steps, and the same work, as one that fails. */
import { mockVerifier } from '../../auth/scram-server';
import { hex } from '../../base/bytes';
import type { MongosService } from './service';
import { SchemaVersion, type StoredCredentials, type UserName, userText } from './user-document';
import { SALT_BYTES, SCRAM_ITERATIONS, storedScram } from './user-store';

/** Bytes of an MD5. */
const DIGEST_BYTES = 16;

/** What a new user would have in the schema that mongod was last seen to use: always the same for a name, as long as this server lives. */
export function mockCredentials(service: MongosService, name: UserName): StoredCredentials {
  const { mockSecret, users } = service;
  const verifierFor = (mechanism: 'SCRAM-SHA-1' | 'SCRAM-SHA-256') =>
    mockVerifier(
      mechanism === 'SCRAM-SHA-1' ? 'sha1' : 'sha256',
      userText(name),
      mockSecret,
      SCRAM_ITERATIONS[mechanism],
      SALT_BYTES[mechanism],
    );
  const older: readonly number[] = [SchemaVersion.V26_FINAL, SchemaVersion.V26_UPGRADE];
  if (older.includes(users.schemaVersion)) {
    return { 'MONGODB-CR': hex(verifierFor('SCRAM-SHA-1').salt).slice(0, 2 * DIGEST_BYTES) };
  }
  return {
    'SCRAM-SHA-1': storedScram(verifierFor('SCRAM-SHA-1')),
    'SCRAM-SHA-256': storedScram(verifierFor('SCRAM-SHA-256')),
  };
}
