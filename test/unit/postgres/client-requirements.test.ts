import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/base/bytes';
import { fatal } from '../../../src/postgres/messages/error-fields';
import { buildBackend } from '../../../src/postgres/messages/message-build';
import type { BackendMessage } from '../../../src/postgres/messages/message-types';
import { testClient } from './server';

type Options = Parameters<typeof testClient>[0];

const SESSION: readonly BackendMessage[] = [
  { name: 'AuthenticationOk' },
  { name: 'ReadyForQuery', status: 'I' },
];

/** A client after TLS, where the server did or did not ask for a certificate. */
function overTls(
  options: Options,
  certificate: { certificateRequested?: boolean; certificateSent?: boolean },
) {
  const client = testClient({ ...options, encryption: 'direct' });
  client.handleConnected();
  const outcome = { ok: true, alpn: 'postgresql', version: 'TLSv1.3', peerCertificate: null };
  client.handleTls({ ...outcome, ...certificate });
  client.handleBytes(concat(...SESSION.map((message) => buildBackend(message))));
  return client;
}

describe('what the client asks of the server', () => {
  it.each([
    [{}, 'server did not request an SSL certificate'],
    [{ certificateRequested: true }, 'server accepted connection without a valid SSL certificate'],
    [{ certificateRequested: true, certificateSent: true }, undefined],
  ])('sslcertmode=require, %j', (certificate, message) => {
    const client = overTls({ requireCertificate: true }, certificate);
    expect(client.failure?.error.message).toBe(message);
    expect(overTls({}, certificate).failure).toBeNull();
  });

  it('refuses requirepeer before a byte is sent', () => {
    const client = testClient({ encryption: 'plain', requirePeer: 'postgres' });
    client.handleConnected();
    expect(client.failure).toMatchObject({ kind: 'final', error: { code: 'REQUIRE_PEER' } });
    expect(client.pollEffect()).toMatchObject({ type: 'fail' });
  });

  it.each([
    ['app', 'application-name'],
    ['', 'final'],
    [undefined, 'final'],
  ])('an unknown parameter after AuthenticationOk, application_name %j', (applicationName, kind) => {
    const client = testClient({ encryption: 'plain', applicationName });
    client.handleConnected();
    client.handleBytes(buildBackend({ name: 'AuthenticationOk' }));
    client.handleBytes(buildBackend(fatal('42704', 'unrecognized configuration parameter')));
    expect(client.failure?.kind).toBe(kind);
  });
});
