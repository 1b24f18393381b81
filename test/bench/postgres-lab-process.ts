/**
 * The PostgreSQL lab as a program: prints its port and runs until it is ended. Arguments: SCRAM iterations of its roles, and `traced` when
 * every connection's trace is to be made, as on the command line; in the editor nobody listens for them.
 */
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { formatPostgresVerifier } from '../../src/auth/postgres-verifier';
import { SCRAM_KEY_LENGTH, verifierFromSalted } from '../../src/auth/scram-keys';
import { LAB_PASSWORD, POSTGRES_ACCOUNTS } from '../../src/lab/accounts';
import { startPostgresLab } from '../../src/lab/postgres-lab';

const iterations = Number(process.argv[2]);
const salt = randomBytes(16);
const salted = pbkdf2Sync(LAB_PASSWORD, salt, iterations, SCRAM_KEY_LENGTH.sha256, 'sha256');
const password = formatPostgresVerifier(
  verifierFromSalted('sha256', new Uint8Array(salted), salt, iterations),
);
const lab = await startPostgresLab({ roles: [{ name: POSTGRES_ACCOUNTS[0].user, password }] });
if (process.argv[3] === 'traced') lab.onTrace(() => {});
process.stdout.write(`${lab.port}\n`);
process.once('SIGTERM', () => {
  void lab.close().then(() => process.exit(0));
});
