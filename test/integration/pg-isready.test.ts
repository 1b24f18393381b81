/** pg_isready, with libpq 15 and 18, tells of the lab what it tells of PostgreSQL: accepting, rejecting, or no response. */
import { execFile } from 'node:child_process';
import { afterEach, expect, it } from 'vitest';
import { startPostgresLab } from '../../src/lab/postgres-lab';
import { findFault } from '../../src/postgres/faults/faults';
import { clientEnvironment, PostgresServer } from '../record/postgres-server';
import { freePort } from '../support/free-port';
import { describeWith } from '../support/toolchain';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

await describeWith('pg_isready', ['postgres18', 'postgres15'], ({ postgres18, postgres15 }) => {
  const libraries = [undefined, postgres18.lib];

  /** What it says and how it ends, with the port left out. Strangers are asked for: no login is needed to know. */
  function ask(port: number, library: string | undefined, more: readonly string[] = []) {
    const args = [
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-U',
      'stranger',
      '-d',
      'nowhere',
      '-t',
      '1',
      ...more,
    ];
    const env = { ...clientEnvironment(), ...(library ? { LD_LIBRARY_PATH: library } : {}) };
    return new Promise<string>((resolve) => {
      execFile(`${postgres15.bin}/pg_isready`, args, { env }, (error, stdout) => {
        resolve(`${error?.code ?? 0} ${stdout.trim().replace(String(port), 'PORT')}`);
      });
    });
  }

  it('finds the lab accepting connections, as it finds PostgreSQL', async () => {
    const lab = await startPostgresLab();
    stops.push(() => lab.close());
    const real = await PostgresServer.start(postgres18.bin);
    stops.push(() => real.stop());
    for (const library of libraries) {
      expect(await ask(lab.port, library)).toBe('0 127.0.0.1:PORT - accepting connections');
      expect(await ask(lab.port, library)).toBe(await ask(real.port, library));
    }
  });

  it.each([
    ['starting-up', '1 127.0.0.1:PORT - rejecting connections'],
    // Full is not down: an error that comes from a backend says that the server is up.
    ['too-many-connections', '0 127.0.0.1:PORT - accepting connections'],
    ['hba-reject', '0 127.0.0.1:PORT - accepting connections'],
    ['no-answer', '2 127.0.0.1:PORT - no response'],
    ['close-on-connect', '2 127.0.0.1:PORT - no response'],
  ])('of the fault %s: %s', async (name, expected) => {
    const lab = await startPostgresLab({ fault: findFault(name) });
    stops.push(() => lab.close());
    for (const library of libraries) expect(await ask(lab.port, library)).toBe(expected);
  });

  it('gets no response where nobody listens', async () => {
    expect(await ask(await freePort(), undefined)).toBe('2 127.0.0.1:PORT - no response');
  });
});
