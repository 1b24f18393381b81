import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import * as x509 from '@peculiar/x509';
import type { Side } from '../../../src/base/mark';

/** A real TLS session between Node's own client and server, in memory. */
export interface NodeSession {
  /** What crossed, in order. */
  readonly chunks: readonly { readonly from: Side; readonly bytes: Uint8Array }[];
  readonly keyLog: string;
  /** What each side wrote, joined. */
  readonly sent: Record<Side, string>;
  readonly version: string | null;
  /** OpenSSL's IANA name of the suite. */
  readonly cipher: string | null;
  readonly error: { readonly client: Error | null; readonly server: Error | null };
}

export interface NodeSessionOptions {
  readonly server?: tls.SecureContextOptions & tls.TlsOptions;
  readonly client?: tls.ConnectionOptions;
  /** Lines each side writes in turn; the server echoes nothing of its own. */
  readonly lines?: readonly string[];
  readonly onClient?: (client: tls.TLSSocket) => void;
}

export interface KeyPair {
  readonly cert: string;
  readonly key: string;
  readonly der: Uint8Array;
}

const SIGNING = {
  ecdsa: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'ecdsa-384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  rsa: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: Uint8Array.of(1, 0, 1),
    modulusLength: 2048,
  },
  'rsa-sha1': {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-1',
    publicExponent: Uint8Array.of(1, 0, 1),
    modulusLength: 2048,
  },
  'rsa-pss-512': {
    name: 'RSA-PSS',
    hash: 'SHA-512',
    saltLength: 64,
    publicExponent: Uint8Array.of(1, 0, 1),
    modulusLength: 2048,
  },
  ed25519: { name: 'Ed25519' },
} as const;

/** A self-signed certificate. */
export async function makeCertificate(
  kind: keyof typeof SIGNING,
  name = 'O=Test+OU=a\\, b, CN=db.test',
): Promise<KeyPair> {
  x509.cryptoProvider.set(webcrypto as never);
  const algorithm = SIGNING[kind];
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name,
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: new Date('2049-12-31T23:59:59Z'),
    keys: keys as never,
    signingAlgorithm: algorithm as never,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'db.test' },
        { type: 'dns', value: '*.apps.test' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
    ],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    cert: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
    der: new Uint8Array(certificate.rawData),
  };
}

/** Runs a session to its end: handshake, the lines in turn, close. A refused handshake is a result too. */
export async function runNodeSession(options: NodeSessionOptions): Promise<NodeSession> {
  const chunks: { from: Side; bytes: Uint8Array }[] = [];
  const [clientEnd, serverEnd] = wire((from, bytes) => chunks.push({ from, bytes }));
  const error: { client: Error | null; server: Error | null } = { client: null, server: null };
  const sent = { client: '', server: '' };
  const lines = [
    ...(options.lines ?? [
      'hello\n',
      'and welcome\n',
      'a longer line '.repeat(200),
      'x'.repeat(20_000),
      'bye',
    ]),
  ];

  const { promise, resolve } = deferred();
  const server = new tls.TLSSocket(serverEnd, {
    isServer: true,
    secureContext: tls.createSecureContext(options.server),
    ...options.server,
  });
  const client = tls.connect({ socket: clientEnd, rejectUnauthorized: false, ...options.client });
  options.onClient?.(client);
  const received = { client: 0, server: 0 };
  let version: string | null = null;
  let cipher: string | null = null;
  let keyLog = '';
  const writeNext = (socket: tls.TLSSocket, side: Side) => {
    const line = lines.shift();
    if (line === undefined) {
      socket.end();
      return;
    }
    sent[side] += line;
    socket.write(line);
  };
  client.on('keylog', (line: Buffer) => {
    keyLog += line.toString();
  });
  client.on('secureConnect', () => {
    version = client.getProtocol();
    cipher = client.getCipher().standardName;
    writeNext(client, 'client');
  });
  server.on('data', (data) => {
    received.server += data.length;
    if (received.server === sent.client.length) writeNext(server, 'server');
  });
  client.on('data', (data) => {
    received.client += data.length;
    if (received.client === sent.server.length) writeNext(client, 'client');
  });
  for (const [side, socket] of [
    ['client', client],
    ['server', server],
  ] as const) {
    socket.on('error', (problem) => {
      error[side] ??= problem;
      client.destroy();
      server.destroy();
    });
    socket.on('end', () => socket.end());
    socket.on('close', () => client.destroyed && server.destroyed && resolve());
  }
  const timer = setTimeout(() => {
    client.destroy();
    server.destroy();
    resolve();
  }, 8_000);
  await promise;
  clearTimeout(timer);
  return { chunks, keyLog, sent, version, cipher, error };
}

/** Two ends of a connection in memory; `tap` sees what crosses. */
function wire(tap: (from: Side, bytes: Uint8Array) => void): [Duplex, Duplex] {
  const ends: Duplex[] = [];
  const make = (from: Side, peer: number): Duplex =>
    new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        tap(from, new Uint8Array(chunk));
        setImmediate(() => {
          if (!ends[peer].destroyed) ends[peer].push(chunk);
          done();
        });
      },
      final(done) {
        setImmediate(() => {
          if (!ends[peer].destroyed) ends[peer].push(null);
          done();
        });
      },
    });
  ends.push(make('client', 1), make('server', 0));
  return [ends[0], ends[1]];
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
