/** Our client against a real server of MongoDB's protocol that is not ours. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeServerCertificate, type ServerCertificate } from '../../src/lab/certificates';
import { compareTraces } from '../../src/trace/compare';
import { type FerretDb, startFerretDb } from '../support/ferretdb';
import { describeWith } from '../support/toolchain';
import { decodeAgain, path, run } from './support';

const USER = { name: 'app_user', password: 'correct horse' };

await describeWith('Connect Test against FerretDB', ['ferretdb'], ({ ferretdb }) => {
  describe.each(['without TLS', 'with TLS'])('%s', (how) => {
    let server: FerretDb;
    let certificate: ServerCertificate | undefined;
    beforeAll(async () => {
      certificate = how === 'with TLS' ? await makeServerCertificate() : undefined;
      server = await startFerretDb(ferretdb.path, { user: USER, certificate });
    });
    afterAll(() => server?.stop());

    const connect = (more: Record<string, string>, password = USER.password, user = USER.name) => {
      const tls: Record<string, string> = certificate
        ? { tls: 'true', tlsCAFile: certificate.caCertificate }
        : {};
      return run(`mongodb://${user}@127.0.0.1:${server.port}/`, { ...tls, ...more }, { password });
    };

    it.each([
      ['SCRAM-SHA-256', {}],
      ['SCRAM-SHA-256', { authMechanism: 'SCRAM-SHA-256' }],
      ['SCRAM-SHA-1', { authMechanism: 'SCRAM-SHA-1' }],
    ])('%s authenticates, asked for as %j', async (mechanism, more) => {
      const result = await connect(more);
      expect(result.error).toBeNull();
      const [trace] = result.traces;
      expect(trace.auth).toEqual({ mechanism, user: 'app_user', database: 'admin', outcome: 'ok' });
      expect(path(trace)).toContain('READY');
      const warnings = trace.findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code);
      expect(warnings).toEqual(certificate ? [] : ['MG_CREDENTIALS_WITHOUT_TLS']);
      expect(compareTraces(trace, decodeAgain(result.recordings)[0], { times: true, frames: true })).toEqual(
        [],
      );
    });

    it.each([
      ['a wrong password', {}, 'wrong', 'app_user', '18'],
      ['an unknown user', {}, USER.password, 'nobody', '18'],
      ['another authSource', { authSource: 'app' }, USER.password, 'app_user', '18'],
      ['a mechanism it does not have', { authMechanism: 'MONGODB-CR' }, USER.password, 'app_user', '59'],
    ])('refuses %s', async (_name, more, password, user, code) => {
      const result = await connect(more, password, user);
      expect(result.outcome).toBe('failed');
      expect(result.error).toMatchObject({ from: 'server', code });
      const [trace] = result.traces;
      expect([trace.outcome, trace.error?.code, trace.auth.outcome === 'ok']).toEqual([
        'failed',
        code,
        false,
      ]);
    });
  });

  it('a TLS port gives a plain client no answer', async () => {
    const server = await startFerretDb(ferretdb.path, { certificate: await makeServerCertificate() });
    try {
      const result = await run(`mongodb://127.0.0.1:${server.port}/`);
      expect(result.outcome).toBe('failed');
      expect(result.verdict).toMatch(/tls=true/);
    } finally {
      await server.stop();
    }
  });
});
