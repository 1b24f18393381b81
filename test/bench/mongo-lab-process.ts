/**
 * The MongoDB lab as a program: prints the port of its mongos and runs until it is ended. Its users are `user_0`, `user_1` … with as many
 * SCRAM-SHA-256 iterations as are asked for.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { derive } from '../../src/lab/derive';
import { startMongoLab } from '../../src/lab/mongo-lab';
import { encodeSnapshot } from '../../src/lab/user-file';
import { SchemaVersion } from '../../src/mongodb/server/user-document';
import { UserStore } from '../../src/mongodb/server/user-store';

const [, , password, users, iterations] = process.argv;
const store = new UserStore();
for (let i = 0; i < Number(users); i++) {
  const user = { user: `user_${i}`, db: 'admin', password, mechanisms: ['SCRAM-SHA-256'] as const };
  const made = await store.createUser(
    { ...user, iterations: { 'SCRAM-SHA-256': Number(iterations) } },
    derive,
    randomBytes,
  );
  if (!made.ok) throw new Error(made.status.message);
}
const folder = mkdtempSync(path.join(tmpdir(), 'handshake-bench-'));
const userFile = path.join(folder, 'users');
writeFileSync(userFile, encodeSnapshot({ schemaVersion: SchemaVersion.V28_SCRAM, users: store.users }));
const lab = await startMongoLab({ userFile, accounts: [] });
rmSync(folder, { recursive: true });
process.stdout.write(`${lab.port}\n`);
process.once('SIGTERM', () => {
  void lab.close().then(() => process.exit(0));
});
