import { createHash, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeServerCertificate } from '../../../src/lab/certificates';
import { selectMechanism } from '../../../src/postgres/client/client-scram';
import { buildBackend } from '../../../src/postgres/messages/message-build';
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
    ['prefer', 'SCRAM-SHA-256-PLUS', 'CHANNEL_BINDING_HASH'],
    ['require', 'SCRAM-SHA-256-PLUS', 'CHANNEL_BINDING_HASH'],
    ['disable', 'SCRAM-SHA-256', undefined],
  ] as const)(
    'a certificate signed with Ed25519, %s: as libpq does',
    async (channelBinding, chosen, code) => {
      const { der } = await makeCertificate('ed25519');
      const client = testClient({ encryption: 'direct', channelBinding });
      const written = () => {
        let text = '';
        for (let effect = client.pollEffect(); effect; effect = client.pollEffect())
          if (effect.type === 'write') text += new TextDecoder().decode(effect.bytes);
        return text;
      };
      client.handleConnected();
      client.handleTls({ ok: true, alpn: 'postgresql', version: 'TLSv1.3', peerCertificate: der });
      written();
      const mechanisms = ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'];
      client.handleBytes(buildBackend({ name: 'AuthenticationSASL', mechanisms }));
      const initial = written();
      expect(initial).toContain(`${chosen}\0`);
      const nonce = /r=([^,]+)$/.exec(initial)?.[1] ?? '';
      const data = new TextEncoder().encode(`r=${nonce}x,s=QUJD,i=4096`);
      client.handleBytes(buildBackend({ name: 'AuthenticationSASLContinue', data }));
      expect(client.failure?.error.code).toBe(code);
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
