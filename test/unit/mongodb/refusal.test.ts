/** What is said about a refused login: the finding, and the sentence for the whole connection. */
import { describe, expect, it } from 'vitest';
import { isMember, isRewritten, subjectAttributes } from '../../../src/mongodb/diagnose/subject';
import type { TlsFacts } from '../../../src/tls/events';
import { Watcher } from './observe';
import {
  authenticate,
  CLIENT,
  CREDENTIALS,
  challenge,
  hello,
  proof,
  refuse,
  SERVER,
  start,
  X509,
} from './refusal-stories';
import { ask, say, tell } from './story';

/** A login by certificate, which the server answers with `reply`. */
function byCertificate(
  facts: TlsFacts,
  secure: boolean,
  user: string | undefined,
  db: string,
  reply: Record<string, unknown>,
) {
  const watcher = new Watcher(secure);
  for (const from of ['client', 'server'] as const) watcher.feed({ kind: 'open', from });
  if (secure) watcher.observer.handleTlsFacts({ version: 'TLSv1.2', established: true, ...facts });
  const command = { authenticate: 1, mechanism: 'MONGODB-X509', ...(user === undefined ? {} : { user }) };
  for (const [from, bytes] of [ask(command, db), say(reply)]) watcher.bytes(from, bytes);
  return watcher.finish();
}

describe('a refused login', () => {
  it.each(CREDENTIALS)('$name: $code', ({ code, lines, verdict }) => {
    const trace = tell(lines()).finish();
    expect(trace.diagnosis.code).toBe(code);
    expect(trace.steps[trace.diagnosis.step ?? -1].from).toBe('server');
    expect(trace.outcome).toBe('failed');
    expect(trace.verdict).toMatch(verdict);
  });

  it('of server 2.6 with MONGODB-CR says nothing about schemas', () => {
    const trace = tell([
      ...hello({ maxWireVersion: 2 }),
      ask({ getnonce: 1 }),
      say({ nonce: 'ab' }),
      authenticate(),
      refuse(18, 'auth fails'),
    ]).finish();
    expect(trace.diagnosis.code).toBe('MONGO_PROOF_REFUSED');
  });

  it('has no explanation but that of its own database, when hello asked about somebody else', () => {
    const trace = tell([
      ...hello({ saslSupportedMechs: ['SCRAM-SHA-256'] }, { saslSupportedMechs: 'admin.other_user' }),
      start(),
      challenge(),
      proof(),
      refuse(18),
    ]).finish();
    expect(trace.diagnosis.code).toBe('MONGO_PROOF_REFUSED');
  });

  it('keeps what the peer wrote as it is', () => {
    const trace = tell([start('SCRAM-$&-%'), refuse(334)]).finish();
    expect(trace.diagnosis.what).toContain('SCRAM-$&-%:');
  });
});

describe('a client certificate', () => {
  it.each(X509)('refused: $name: $code', ({ code, facts, user, db, secure, refusal, verdict }) => {
    const [number, errmsg] = refusal ?? [18, 'auth failed'];
    const reply = { ok: 0, code: number, errmsg };
    const trace = byCertificate(facts, secure ?? true, user, db ?? '$external', reply);
    expect(trace.diagnosis.code).toBe(code);
    expect(trace.verdict).toMatch(verdict);
    expect(trace.findings.filter((finding) => finding.code.startsWith('MG_'))).toEqual([]);
    expect(trace.auth.outcome).toBe('failed');
  });

  it('names the user that was let in', () => {
    const facts = { certificates: [SERVER], clientCertificates: [CLIENT] };
    const trace = byCertificate(facts, true, undefined, '$external', {});
    expect(trace.auth).toMatchObject({ user: CLIENT.subject, outcome: 'ok' });
    expect(trace.verdict).toContain('CN=app,OU=clients,O=Example@$external is authenticated');
  });

  it('is told of where the conversation is sealed', () => {
    const watcher = new Watcher(true);
    watcher.observer.handleTlsFacts({ version: 'TLSv1.2', established: true, clientCertificates: [CLIENT] });
    watcher.observer.handleCiphertext('client', 100, watcher.mark());
    const trace = watcher.finish();
    expect(trace.outcome).toBe('encrypted');
    const found = trace.findings.find((finding) => finding.code === 'MG_CLIENT_CERTIFICATE');
    expect(found?.message).toContain(`"${CLIENT.subject}"`);
  });
});

describe('distinguished names', () => {
  it.each([
    ['CN=app,OU=clients,O=Example', ['CN=app', 'OU=clients', 'O=Example']],
    ['cn = app ; o=Example', ['CN=app', 'O=Example']],
    ['CN=a\\,b+UID=1,O=E', ['CN=a\\,b', 'UID=1', 'O=E']],
    ['/O=Example/CN=app', ['O=Example', 'CN=app']],
    ['', []],
    ['\\', ['\\']],
  ])('%j has the attributes %j', (text, attributes) => {
    expect(subjectAttributes(text)).toEqual(attributes);
  });

  it.each([
    ['CN=app,O=E', 'O=E,CN=app', true],
    ['CN=app,O=E', '/O=E/CN=app', true],
    ['CN=app,O=E', 'CN=app, O=E', true],
    ['CN=app,O=E', 'CN=app,O=E', false],
    ['CN=app,O=E', 'CN=App,O=E', false],
    ['CN=app,O=E', 'CN=app', false],
  ])('%s and %s are written differently: %s', (one, other, expected) => {
    expect(isRewritten(one, other)).toBe(expected);
  });

  it.each([
    ['CN=a,OU=x,O=E', 'CN=b,OU=x,O=E', true],
    ['CN=a,O=E', 'CN=b,OU=x,O=E', false],
    ['CN=a', 'CN=b', false],
    ['CN=a,DC=example,DC=com', 'CN=b,DC=com,DC=example', true],
  ])('%s is a member of the cluster of %s: %s', (client, server, expected) => {
    expect(isMember(client, server)).toBe(expected);
  });
});
