import { createHash, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeServerCertificate } from '../../../src/lab/certificates';
import { selectMechanism } from '../../../src/postgres/client/client-scram';
import { tlsServerEndPoint } from '../../../src/tls/server-end-point';
import { makeCertificate } from '../tls/node-session';
import { runPair } from './pair';
import { testBackend, testClient, testServer } from './server';

let certificate: Uint8Array;
let other: Uint8Array;

beforeAll(async () => {
  const make = async () =>
    new Uint8Array(new X509Certificate((await makeServerCertificate()).certificate).raw);
  [certificate, other] = await Promise.all([make(), make()]);
});

describe('channel binding', () => {
  it.each([
    ['prefer', 'scram-sha-256-plus'],
    ['require', 'scram-sha-256-plus'],
    ['disable', 'scram-sha-256'],
  ] as const)('%s over TLS gives %s', (channelBinding, mechanism) => {
    const client = testClient({ encryption: 'ssl', channelBinding });
    const { trace, disagreements } = runPair(client, testBackend(testServer({ certificate })), {
      certificate,
    });
    expect(disagreements).toEqual([]);
    expect(trace.outcome).toBe('ready');
    expect(client.mechanism).toBe(mechanism);
    expect(trace.auth.mechanism).toBe(mechanism);
    const unused = trace.findings.some((finding) => finding.code === 'PG_CHANNEL_BINDING_UNUSED');
    expect(unused).toBe(mechanism === 'scram-sha-256');
  });

  it('ends when somebody in between shows another certificate', () => {
    const client = testClient({ encryption: 'ssl' });
    const { trace } = runPair(client, testBackend(testServer({ certificate })), { certificate: other });
    expect(client.failure?.error).toMatchObject({
      code: '28000',
      message: 'FATAL: SCRAM channel binding check failed',
    });
    expect(trace.auth.outcome).toBe('failed');
  });

  it('ends when somebody in between removes -PLUS from the list', () => {
    const client = testClient({ encryption: 'ssl' });
    const stripped = new TextEncoder().encode('SCRAM-SHA-256\0\0');
    const tamper = (from: string, bytes: Uint8Array) => {
      if (from !== 'server' || bytes[0] !== 0x52 || bytes[8] !== 10) return bytes;
      return Uint8Array.of(0x52, 0, 0, 0, stripped.length + 8, 0, 0, 0, 10, ...stripped);
    };
    runPair(client, testBackend(testServer({ certificate })), { certificate, tamper });
    expect(client.failure?.error).toMatchObject({
      code: '28000',
      message: 'FATAL: SCRAM channel binding negotiation error',
    });
  });

  it('hashes the certificate by the hash of its signature', () => {
    expect(tlsServerEndPoint(certificate)).toEqual(
      new Uint8Array(createHash('sha256').update(certificate).digest()),
    );
  });

  it.each([
    [['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'], 'SCRAM-SHA-256-PLUS'],
    [['SCRAM-SHA-256', 'OAUTHBEARER'], 'SCRAM-SHA-256'],
  ])('takes from %j: %s', (offered, mechanism) => {
    expect(selectMechanism(offered, { secure: true, channelBinding: 'prefer' })).toEqual({
      ok: true,
      mechanism,
    });
  });

  it.each([
    ['prefer', 'CHANNEL_BINDING_HASH'],
    ['require', 'CHANNEL_BINDING_HASH'],
    ['disable', undefined],
  ] as const)(
    'with a certificate signed with Ed25519, %s: %s, as libpq does',
    async (channelBinding, code) => {
      const { der } = await makeCertificate('ed25519');
      const client = testClient({ encryption: 'ssl', channelBinding });
      runPair(client, testBackend(testServer({ certificate: der })), { certificate: der });
      expect(client.failure?.error.code).toBe(code);
      expect(client.mechanism).toBe(code ? 'scram-sha-256-plus' : 'scram-sha-256');
    },
  );

  it('insists when it is required', () => {
    const selection = selectMechanism(['SCRAM-SHA-256'], {
      secure: true,
      channelBinding: 'require',
    });
    expect(selection).toMatchObject({
      ok: false,
      message: expect.stringContaining('channel binding is required'),
    });
  });
});
