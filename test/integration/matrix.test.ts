import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import nodePath from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAB_PASSWORD } from '../../src/lab/accounts';
import { type PostgresLab, startPostgresLab } from '../../src/lab/postgres-lab';
import { compareModes, MATRIX_MODES, type Matrix } from '../../src/live/matrix';
import { matrixJson, matrixText } from '../../src/live/matrix-text';
import { targetFromUri } from '../../src/live/target';
import { findFault } from '../../src/postgres/faults/faults';

let folder: string;
let plain: PostgresLab;
let secure: PostgresLab;
beforeAll(async () => {
  folder = mkdtempSync(nodePath.join(tmpdir(), 'handshake-matrix-'));
  [plain, secure] = await Promise.all([
    startPostgresLab({ ssl: false }),
    startPostgresLab({ hba: [{ type: 'hostssl', database: 'all', user: 'all', method: 'scram-sha-256' }] }),
  ]);
});
afterAll(async () => {
  await Promise.all([plain?.close(), secure?.close()]);
  rmSync(folder, { recursive: true, force: true });
});

function short(matrix: Matrix): string[] {
  return matrix.rows.map((row) => `${row.mode} ${row.outcome} ${row.attempts} ${row.encryption}`);
}

describe('compareModes', () => {
  it('tells the modes of a server without TLS apart', async () => {
    let asked = 0;
    const matrix = await compareModes((options) => targetFromUri(plain.uri, options), {
      askPassword: async () => {
        asked++;
        return LAB_PASSWORD;
      },
    });
    expect(short(matrix)).toEqual([
      'disable ready 1 none',
      'allow ready 1 none',
      'prefer ready 1 none',
      'require failed 1 null',
      'verify-ca failed 1 null',
      'verify-full failed 1 null',
      'direct failed 1 null',
    ]);
    expect(asked).toBe(1);
  });

  it('shows who gets in where pg_hba.conf wants TLS, and at what price', async () => {
    const file = nodePath.join(folder, 'root.crt');
    writeFileSync(file, secure.caCertificatePem);
    const modes: string[] = [];
    const matrix = await compareModes(
      (options) =>
        targetFromUri(secure.uri.replace('127.0.0.1', 'localhost'), {
          sslrootcert: file,
          hostaddr: '127.0.0.1',
          ...options,
        }),
      { askPassword: () => Promise.resolve(LAB_PASSWORD), onMode: (mode) => modes.push(mode) },
    );
    expect(short(matrix)).toEqual([
      'disable failed 1 none',
      'allow ready 2 TLSv1.3',
      'prefer ready 1 TLSv1.3',
      'require ready 1 TLSv1.3',
      'verify-ca ready 1 TLSv1.3',
      'verify-full ready 1 TLSv1.3',
      'direct ready 1 TLSv1.3',
    ]);
    expect(modes).toEqual(MATRIX_MODES.map(({ name }) => name));
    const lines = matrixText(matrix).split('\n');
    expect(lines[0]).toMatch(/^sslmode +outcome +attempts +encryption +reason$/);
    expect(lines[1]).toMatch(/^disable +failed +1 +none +No pg_hba.conf entry/);
    expect(matrixJson(matrix)).toMatchObject({
      version: 1,
      modes: [{ mode: 'disable', error: { code: '28000' } }, {}, {}, {}, {}, {}, {}],
    });
  });

  it('logs in no second time with a password that was refused, and still tells what comes before', async () => {
    const log: string[] = [];
    const lab = await startPostgresLab({
      hba: [{ type: 'host', database: 'all', user: 'all', method: 'scram-sha-256' }],
      onLog: (line) => log.push(line),
    });
    try {
      const matrix = await compareModes((options) => targetFromUri(`${lab.uri}&password=wrong`, options));
      expect(log.filter((line) => line.includes('password authentication failed'))).toHaveLength(1);
      expect(matrix.passwordRefusedIn).toBe('disable');
      expect(short(matrix)).toEqual([
        'disable failed 1 none',
        'allow stopped 1 none',
        'prefer stopped 1 TLSv1.3',
        'require stopped 1 TLSv1.3',
        'verify-ca failed 1 null',
        'verify-full failed 1 null',
        'direct stopped 1 TLSv1.3',
      ]);
      const [disable, allow, prefer, , verifyCa] = matrix.rows;
      expect(disable).toMatchObject({ error: { code: '28P01' } });
      expect(allow.reason).toContain(
        'as far as authentication in the clear; the server asks for scram-sha-256',
      );
      expect(prefer.reason).toContain('over TLS 1.3; the server asks for scram-sha-256');
      expect(verifyCa.reason).toContain('root certificate file');
      expect(matrixText(matrix)).toContain(
        'The server refused the password with disable. It was not given again',
      );
      expect(matrixJson(matrix)).toMatchObject({ passwordRefusedIn: 'disable' });
      // No message of a stopped mode holds anything of the password.
      const said = prefer.traces.flatMap((trace) => trace.steps.map((step) => step.message));
      expect(said).not.toContain('SASLInitialResponse');
    } finally {
      await lab.close();
    }
  });

  it('gives a password that was asked for once and refused to nobody else', async () => {
    const log: string[] = [];
    const lab = await startPostgresLab({
      hba: [
        { type: 'hostnossl', database: 'all', user: 'all', method: 'reject' },
        { type: 'hostssl', database: 'all', user: 'all', method: 'scram-sha-256' },
      ],
      onLog: (line) => log.push(line),
    });
    try {
      const matrix = await compareModes((options) => targetFromUri(lab.uri, options), {
        askPassword: () => Promise.resolve('wrong'),
      });
      expect(log.filter((line) => line.includes('password authentication failed'))).toHaveLength(1);
      expect(matrix.passwordRefusedIn).toBe('allow');
      expect(short(matrix).slice(0, 4)).toEqual([
        'disable failed 1 none',
        'allow failed 2 TLSv1.3',
        'prefer stopped 1 TLSv1.3',
        'require stopped 1 TLSv1.3',
      ]);
    } finally {
      await lab.close();
    }
  });

  it('gives the modes that libpq does not accept their own line, and stops when it is cancelled', async () => {
    const silent = await startPostgresLab({ fault: findFault('no-answer') });
    try {
      const weak = await compareModes(
        (options) => targetFromUri(plain.uri, { ...options, sslrootcert: 'system' }),
        {
          askPassword: () => Promise.resolve(LAB_PASSWORD),
        },
      );
      expect(weak.rows.find((row) => row.mode === 'prefer')).toMatchObject({
        outcome: 'refused',
        attempts: 0,
      });
      const abort = new AbortController();
      const matrix = await compareModes((options) => targetFromUri(silent.uri, options), {
        signal: abort.signal,
        askPassword: () => Promise.resolve(LAB_PASSWORD),
        onMode: (mode) => {
          if (mode === 'prefer') setTimeout(() => abort.abort(), 50);
        },
      });
      expect(matrix.cancelled).toBe(true);
      expect(matrix.rows.map((row) => row.mode)).toEqual(['disable', 'allow', 'prefer']);
      expect(matrix.rows.at(-1)?.outcome).toBe('incomplete');
      expect(matrixText(matrix)).toContain('Cancelled');
    } finally {
      await silent.close();
    }
  });
});
