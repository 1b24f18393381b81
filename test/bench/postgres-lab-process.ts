/** The PostgreSQL lab as a program: prints its port and runs until it is ended. */
import { startPostgresLab } from '../../src/lab/postgres-lab';

const lab = await startPostgresLab();
process.stdout.write(`${lab.port}\n`);
process.once('SIGTERM', () => {
  void lab.close().then(() => process.exit(0));
});
