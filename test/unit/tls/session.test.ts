import { beforeAll, describe, expect, it } from 'vitest';
import { type KeyPair, makeCertificate, type NodeSession, runNodeSession } from './node-session';
import { byteByByte, observe } from './observed';

const MAC_THEN_ENCRYPT = 1 << 19; // SSL_OP_NO_ENCRYPT_THEN_MAC

let rsa: KeyPair;
let ecdsa: KeyPair;
beforeAll(async () => {
  [rsa, ecdsa] = await Promise.all([makeCertificate('rsa'), makeCertificate('ecdsa')]);
});

interface Case {
  readonly name: string;
  readonly ciphers: string;
  readonly version: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  readonly ecdsa?: boolean;
  readonly secureOptions?: number;
}

const CASES: readonly Case[] = [
  { name: 'AES-128-GCM', ciphers: 'TLS_AES_128_GCM_SHA256', version: 'TLSv1.3' },
  { name: 'AES-256-GCM', ciphers: 'TLS_AES_256_GCM_SHA384', version: 'TLSv1.3' },
  { name: 'ChaCha20-Poly1305', ciphers: 'TLS_CHACHA20_POLY1305_SHA256', version: 'TLSv1.3' },
  { name: 'AES-128-CCM', ciphers: 'TLS_AES_128_CCM_SHA256', version: 'TLSv1.3' },
  { name: 'AES-128-CCM_8', ciphers: 'TLS_AES_128_CCM_8_SHA256', version: 'TLSv1.3' },
  { name: 'ECDSA AES-128-CCM', ciphers: 'ECDHE-ECDSA-AES128-CCM', version: 'TLSv1.2', ecdsa: true },
  { name: 'ECDSA AES-256-CCM_8', ciphers: 'ECDHE-ECDSA-AES256-CCM8', version: 'TLSv1.2', ecdsa: true },
  { name: 'RSA key exchange AES-256-CCM', ciphers: 'AES256-CCM', version: 'TLSv1.2' },
  { name: 'ECDSA AES-128-GCM', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256', version: 'TLSv1.2', ecdsa: true },
  { name: 'AES-256-GCM', ciphers: 'ECDHE-RSA-AES256-GCM-SHA384', version: 'TLSv1.2' },
  { name: 'ChaCha20-Poly1305', ciphers: 'ECDHE-RSA-CHACHA20-POLY1305', version: 'TLSv1.2' },
  { name: 'RSA key exchange', ciphers: 'AES128-GCM-SHA256', version: 'TLSv1.2' },
  ...['ECDHE-RSA-AES128-SHA', 'ECDHE-RSA-AES128-SHA256', 'ECDHE-RSA-AES256-SHA384', 'AES256-SHA256'].flatMap(
    (ciphers) => [
      { name: `${ciphers}, encrypt then MAC`, ciphers, version: 'TLSv1.2' } as const,
      {
        name: `${ciphers}, MAC then encrypt`,
        ciphers,
        version: 'TLSv1.2',
        secureOptions: MAC_THEN_ENCRYPT,
      } as const,
    ],
  ),
  { name: 'AES-CBC', ciphers: 'ECDHE-RSA-AES128-SHA', version: 'TLSv1.1' },
  { name: 'AES-CBC, chained IV', ciphers: 'ECDHE-RSA-AES256-SHA', version: 'TLSv1' },
  {
    name: 'AES-CBC, chained IV, MAC then encrypt',
    ciphers: 'AES128-SHA',
    version: 'TLSv1',
    secureOptions: MAC_THEN_ENCRYPT,
  },
];

function run(test: Case, more: object = {}): Promise<NodeSession> {
  const shared = {
    minVersion: test.version,
    maxVersion: test.version,
    ciphers: test.version === 'TLSv1.3' ? test.ciphers : `${test.ciphers}:@SECLEVEL=0`,
    secureOptions: test.secureOptions ?? 0,
  };
  const pair = test.ecdsa ? ecdsa : rsa;
  return runNodeSession({
    server: { cert: pair.cert, key: pair.key, ALPNProtocols: ['postgresql'], ...shared },
    client: { ...shared, servername: 'db.test', ALPNProtocols: ['other', 'postgresql'], ...more },
  });
}

describe.each(CASES)('$version $name', (test) => {
  it('is decrypted both ways, whole and byte by byte', async () => {
    const session = await run(test);
    expect(session.error).toEqual({ client: null, server: null });
    const { observed } = observe(session.chunks, session.keyLog, true);
    expect(observed.text('client')).toBe(session.sent.client);
    expect(observed.text('server')).toBe(session.sent.server);
    expect(session.sent.server.length).toBeGreaterThan(20_000);
    expect(observed.facts).toMatchObject({
      version: session.version,
      cipher: session.cipher,
      sni: 'db.test',
      alpn: 'postgresql',
      alpnOffered: ['other', 'postgresql'],
      established: true,
      decrypted: true,
      leafCertificate: (test.ecdsa ? ecdsa : rsa).der,
    });
    expect(observed.ciphertext).toEqual({ client: [], server: [] });
    expect(observed.names).not.toContain('client EncryptedHandshake');
    expect(observed.names).toContain('client Finished');
    // OpenSSL says goodbye, and it can be read.
    expect(observed.alerts).toContainEqual({ from: 'client', level: 'warning', description: 'close_notify' });

    const slow = observe(byteByByte(session.chunks), session.keyLog, true).observed;
    expect(slow.messages).toEqual(observed.messages);
    expect(slow.facts).toEqual(observed.facts);
    expect(slow.text('server')).toBe(session.sent.server);
  });

  it('is told by its outside without keys', async () => {
    const session = await run(test);
    const { observed, session: tls } = observe(session.chunks);
    expect(observed.facts).toMatchObject({
      version: session.version,
      cipher: session.cipher,
      sni: 'db.test',
      established: true,
    });
    expect(observed.facts.decrypted).toBe(false);
    expect(observed.plaintext).toEqual({ client: [], server: [] });
    expect(observed.ciphertext.client.length).toBeGreaterThanOrEqual(3);
    expect(observed.ciphertext.server.length).toBeGreaterThanOrEqual(2);
    expect(observed.names.filter((name) => name === 'client EncryptedHandshake')).toHaveLength(1);
    expect(tls.broken).toBeNull();
  });
});

describe('TLS 1.3', () => {
  it('names every message of a full handshake, with frames and both kinds of secrets', async () => {
    const session = await run(CASES[1]);
    const { observed } = observe(session.chunks, session.keyLog);
    expect(observed.names.slice(0, 9)).toEqual([
      'client ClientHello',
      'server ServerHello',
      'server ChangeCipherSpec',
      'server EncryptedExtensions',
      'server Certificate',
      'server CertificateVerify',
      'server Finished',
      'client ChangeCipherSpec',
      'client Finished',
    ]);
    expect(observed.names).toContain('server NewSessionTicket');
    const encrypted = observed.messages.filter((message) => message.encrypted).map((message) => message.name);
    expect(encrypted.slice(0, 5)).toEqual([
      'EncryptedExtensions',
      'Certificate',
      'CertificateVerify',
      'Finished',
      'Finished',
    ]);
    for (const message of observed.messages) {
      expect(message.frames.length).toBeGreaterThan(0);
      for (const frame of message.frames) expect(session.chunks[frame - 1].from).toBe(message.from);
    }
  });

  it('opens application data although the handshake secrets are missing', async () => {
    const session = await run(CASES[0]);
    const traffic = session.keyLog
      .split('\n')
      .filter((line) => /_TRAFFIC_SECRET_0/.test(line))
      .join('\n');
    const { observed } = observe(session.chunks, traffic);
    expect(observed.text('client')).toBe(session.sent.client);
    expect(observed.text('server')).toBe(session.sent.server);
  });

  it('opens the handshake although the traffic secrets are missing', async () => {
    const session = await run(CASES[0]);
    const handshake = session.keyLog
      .split('\n')
      .filter((line) => /HANDSHAKE/.test(line))
      .join('\n');
    const { observed } = observe(session.chunks, handshake);
    expect(observed.names).toContain('client Finished');
    expect(observed.facts).toMatchObject({ established: true, decrypted: false });
    expect(observed.ciphertext.server.length).toBeGreaterThan(1);
  });

  it('follows a HelloRetryRequest', async () => {
    const session = await runNodeSession({
      server: { cert: rsa.cert, key: rsa.key, ecdhCurve: 'P-521' },
      client: { ecdhCurve: 'X25519:P-521', servername: 'db.test' },
    });
    const { observed } = observe(session.chunks, session.keyLog);
    expect(observed.names.filter((name) => /Hello/.test(name))).toEqual([
      'client ClientHello',
      'server HelloRetryRequest',
      'client ClientHello',
      'server ServerHello',
    ]);
    expect(observed.facts).toMatchObject({ helloRetry: true, version: 'TLSv1.3' });
    expect(observed.text('client')).toBe(session.sent.client);
  });

  it('reads a client certificate', async () => {
    const session = await runNodeSession({
      server: { cert: rsa.cert, key: rsa.key, requestCert: true, rejectUnauthorized: false },
      client: { cert: ecdsa.cert, key: ecdsa.key },
    });
    const { observed } = observe(session.chunks, session.keyLog);
    expect(observed.names).toEqual(
      expect.arrayContaining(['server CertificateRequest', 'client Certificate', 'client CertificateVerify']),
    );
    expect(observed.facts.leafCertificate).toEqual(rsa.der);
    expect(observed.facts.clientCertificates?.map((one) => one.subject)).toEqual([
      'CN=db.test,O=Test+OU=a\\, b',
    ]);
    expect(observed.text('server')).toBe(session.sent.server);
    const blind = observe(session.chunks).observed;
    expect(blind.facts.established).toBe(true);
    expect(blind.names.filter((name) => name === 'client EncryptedHandshake')).toHaveLength(3);
  });
});

describe('a pre-master secret', () => {
  it.each([
    ['TLSv1.2', 'AES128-GCM-SHA256'],
    ['TLSv1.2', 'AES256-SHA'],
    ['TLSv1.1', 'AES128-SHA'],
  ] as const)('of an RSA key exchange opens %s %s', async (version, ciphers) => {
    const session = await run({ name: '', ciphers, version });
    const rsaLine = session.keyLog.split('\n').filter((line) => line.startsWith('RSA '));
    expect(rsaLine).toHaveLength(1);
    const { observed } = observe(session.chunks, `${rsaLine[0]}\n`);
    expect(observed.facts).toMatchObject({ decrypted: true });
    expect(observed.text('server')).toBe(session.sent.server);
    expect(observed.text('client')).toBe(session.sent.client);
    const [random, secret] = [session.keyLog.split(' ')[1], rsaLine[0].split(' ')[2]];
    const clientRandom = session.keyLog.match(/CLIENT_RANDOM (\w+)/)?.[1] ?? random;
    const byRandom = observe(session.chunks, `PMS_CLIENT_RANDOM ${clientRandom} ${secret}\n`).observed;
    expect(byRandom.text('server')).toBe(session.sent.server);
    const other = `${rsaLine[0].slice(0, 4)}${'00'.repeat(8)}${rsaLine[0].slice(20)}\n`;
    expect(observe(session.chunks, other).observed.plaintext).toEqual({ client: [], server: [] });
  });
});

describe('resumption', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s is noticed', async (version) => {
    const server = {
      cert: rsa.cert,
      key: rsa.key,
      minVersion: version,
      maxVersion: version,
      ticketKeys: Buffer.alloc(48, 7),
    };
    const ticket = await sessionTicket(server);
    const session = await runNodeSession({ server, client: { session: ticket, servername: 'db.test' } });
    const { observed, session: tls } = observe(session.chunks, session.keyLog);
    expect(observed.facts).toMatchObject({ resumed: true, established: true });
    // Whether the server asked for a certificate was settled in the session before.
    expect(tls.evidence.certificateRequested).toBeNull();
    expect(observed.names).not.toContain('server Certificate');
    expect(observed.text('client')).toBe(session.sent.client);
    expect(observe((await runNodeSession({ server })).chunks).observed.facts.resumed).toBeUndefined();
  });

  async function sessionTicket(server: object): Promise<Buffer> {
    let ticket: Buffer | undefined;
    await runNodeSession({
      server,
      client: { servername: 'db.test' },
      onClient: (client) =>
        client.on('session', (data) => {
          ticket = data;
        }),
    });
    if (!ticket) throw new Error('no session ticket came');
    return ticket;
  }
});

describe('a refusal', () => {
  it('by the client: Node leaves after the certificate without a word', async () => {
    const session = await runNodeSession({
      server: { cert: rsa.cert, key: rsa.key },
      client: { rejectUnauthorized: true, servername: 'db.test' },
    });
    expect(session.error.client?.message).toContain('self-signed');
    for (const keyLog of [undefined, session.keyLog]) {
      const { observed } = observe(session.chunks, keyLog);
      expect(observed.messages.at(-1)?.from).toBe('server');
      expect(observed.facts.established).toBeUndefined();
    }
  });

  it('by the server: no version in common', async () => {
    const session = await runNodeSession({
      server: { cert: rsa.cert, key: rsa.key, minVersion: 'TLSv1.3' },
      client: { maxVersion: 'TLSv1.2' },
    });
    const { observed } = observe(session.chunks);
    expect(observed.alerts).toEqual([{ from: 'server', level: 'fatal', description: 'protocol_version' }]);
    expect(observed.names).toEqual(['client ClientHello', 'server Alert']);
    expect(observed.facts.established).toBeUndefined();
  });

  it('by the server: no application protocol in common', async () => {
    const session = await runNodeSession({
      server: { cert: rsa.cert, key: rsa.key, ALPNProtocols: ['postgresql'] },
      client: { ALPNProtocols: ['http/1.1'] },
    });
    const { observed } = observe(session.chunks, session.keyLog);
    expect(observed.alerts).toContainEqual({
      from: 'server',
      level: 'fatal',
      description: 'no_application_protocol',
    });
  });

  it('by the server in TLS 1.3: a client certificate is missing', async () => {
    const session = await runNodeSession({
      server: { cert: rsa.cert, key: rsa.key, requestCert: true, rejectUnauthorized: true },
    });
    const { observed } = observe(session.chunks, session.keyLog);
    const certificate = observed.messages.find(
      (message) => message.from === 'client' && message.name === 'Certificate',
    );
    expect(certificate?.summary).toBe('no certificate');
    expect(observed.facts.clientCertificates).toEqual([]);
    expect(observed.alerts).toEqual([
      { from: 'server', level: 'fatal', description: 'certificate_required' },
    ]);
    const blind = observe(session.chunks).observed;
    expect(blind.messages.at(-1)).toMatchObject({ name: 'EncryptedRecord', from: 'server', encrypted: true });
    expect(blind.alerts).toEqual([]);
    expect(blind.facts.established).toBeUndefined();
  });
});
