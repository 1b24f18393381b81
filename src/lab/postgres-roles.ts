import { pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { postgresMd5Stored } from '../auth/md5';
import { formatPostgresVerifier } from '../auth/postgres-verifier';
import { postgresPassword } from '../auth/saslprep';
import { SCRAM_KEY_LENGTH, verifierFromSalted } from '../auth/scram-keys';
import type { HbaMethod, HbaRule, Role } from '../postgres/backend/backend-options';
import type { LabAccount } from './accounts';

/** PostgreSQL's default (`SCRAM_SHA_256_DEFAULT_ITERATIONS`). */
const ITERATIONS = 4096;

/** The account as `pg_authid` would keep it. */
export async function roleOf(account: LabAccount): Promise<Role> {
  if (account.password === '') return { name: account.user, password: null };
  if (account.mechanism === 'md5') {
    return { name: account.user, password: postgresMd5Stored(account.user, account.password) };
  }
  const salt = randomBytes(16);
  const salted = await promisify(pbkdf2)(
    postgresPassword(account.password),
    salt,
    ITERATIONS,
    SCRAM_KEY_LENGTH.sha256,
    'sha256',
  );
  const verifier = verifierFromSalted('sha256', new Uint8Array(salted), salt, ITERATIONS);
  return { name: account.user, password: formatPostgresVerifier(verifier) };
}

/** The line of pg_hba.conf that lets the account in by its mechanism. */
export function hbaRuleOf(account: LabAccount): HbaRule {
  return { type: 'host', database: 'all', user: [account.user], method: account.mechanism as HbaMethod };
}
