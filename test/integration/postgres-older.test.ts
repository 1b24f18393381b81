import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareTraces } from '../../src/trace/compare';
import { DATABASE, PostgresServer, ROLES } from '../record/postgres-server';
import { describeWith } from '../support/toolchain';
import { decodeAgain, messages, run } from './support';

const { scram, md5 } = ROLES;

await describeWith('Connect Test against an older PostgreSQL', ['postgres15', 'psql'], ({ postgres15 }) => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start(postgres15.bin);
  });
  afterAll(() => server?.stop());

  const uri = (user: string) => `postgresql://${user}@127.0.0.1:${server.port}/${DATABASE}`;

  it.each([
    ['scram-sha-256-plus', scram, { sslmode: 'verify-full' }],
    ['scram-sha-256', scram, { sslmode: 'disable' }],
    ['md5', md5, { sslmode: 'disable' }],
  ])('authenticates by %s', async (mechanism, { user, password }, options) => {
    const sslrootcert = server.rootCertificate;
    const result = await run(uri(user), { ...options, sslrootcert }, { password });
    expect(result.outcome).toBe('ready');
    expect(result.traces[0].auth.mechanism).toBe(mechanism);
    expect(compareTraces(result.traces[0], decodeAgain(result.recordings)[0], { frames: true })).toEqual([]);
  });

  it('falls back from protocol 3.2 to the one it knows', async () => {
    const options = { sslmode: 'disable', max_protocol_version: 'latest' };
    const result = await run(uri(scram.user), options, { password: scram.password });
    expect(result.outcome).toBe('ready');
    expect(messages(result.traces[0])).toContain('NegotiateProtocolVersion');
    const demanding = { ...options, min_protocol_version: '3.2' };
    const refused = await run(uri(scram.user), demanding, { password: scram.password });
    expect(refused.outcome).toBe('failed');
    expect(refused.verdict).toMatch(/protocol/);
  });

  it('cannot start TLS directly, and the verdict says why', async () => {
    const options = { sslmode: 'require', sslnegotiation: 'direct' };
    const result = await run(uri(scram.user), options, { password: scram.password });
    expect(result.outcome).toBe('failed');
    expect(result.verdict).toMatch(/sslnegotiation=postgres: PostgreSQL before version 17/);
    expect(compareTraces(result.traces[0], decodeAgain(result.recordings)[0], { frames: true })).toEqual([]);
    expect(server.log).toMatch(/invalid length of startup packet/);
  });
});
