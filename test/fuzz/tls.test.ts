import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { concat, utf8Bytes } from '../../src/base/bytes';
import { parseCertificateMessage, summarizeCertificate } from '../../src/tls/certificate';
import { parseClientHello, parseServerHello } from '../../src/tls/hello';
import { KeyLog } from '../../src/tls/keylog';
import { describeMessage } from '../../src/tls/messages';
import { tlsServerEndPoint } from '../../src/tls/server-end-point';
import { TlsSession } from '../../src/tls/session';
import { looksLikeClientHello } from '../../src/tls/sniff';
import { guarded } from '../support/guard';
import { type KeyPair, makeCertificate, type NodeSession, runNodeSession } from '../unit/tls/node-session';
import { type Chunk, markOf, Observed, observe } from '../unit/tls/observed';

let pair: KeyPair;
let sessions: NodeSession[];
beforeAll(async () => {
  pair = await makeCertificate('ecdsa');
  const server = { cert: pair.cert, key: pair.key, requestCert: true, rejectUnauthorized: false };
  const client = { cert: pair.cert, key: pair.key, servername: 'db.test', ALPNProtocols: ['postgresql'] };
  const lines = ['hello', 'world', 'and more', 'bye'];
  const old = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0' } as const;
  sessions = await Promise.all([
    runNodeSession({ server, client, lines }),
    runNodeSession({ server, client: { ...client, maxVersion: 'TLSv1.2' }, lines }),
    runNodeSession({ server: { ...server, ...old }, client: { ...client, ...old }, lines }),
  ]);
});

/** One way to damage a session on its way. */
type Damage =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'drop' | 'repeat' | 'gap' | 'cut' | 'swap'; readonly at: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array };

const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), bit: fc.nat(7) }),
  fc.record({ kind: fc.constantFrom('drop', 'repeat', 'gap', 'cut', 'swap'), at: fc.nat() }),
  fc.record({ kind: fc.constant('insert' as const), at: fc.nat(), bytes: fc.uint8Array({ maxLength: 300 }) }),
);

/** Feeds a damaged session; a chunk without bytes stands for missing ones. */
function feed(chunks: readonly Chunk[], keyLog: KeyLog | undefined): Observed {
  return guarded('TLS', bytesOf(chunks), () => feedAll(chunks, keyLog));
}

const bytesOf = (chunks: readonly Chunk[]) => chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);

function feedAll(chunks: readonly Chunk[], keyLog: KeyLog | undefined): Observed {
  const observed = new Observed();
  const session = new TlsSession(observed, { keyLog, keepData: true });
  chunks.forEach((chunk, index) => {
    if (chunk.bytes.length === 0) session.handleGap(chunk.from, 100, markOf(index));
    else session.handleBytes(chunk.from, chunk.bytes, markOf(index));
  });
  return observed;
}

function apply(chunks: Chunk[], { at, ...how }: Damage): void {
  const index = at % chunks.length;
  const chunk = chunks[index];
  const place = chunk.bytes.length === 0 ? 0 : at % chunk.bytes.length;
  switch (how.kind) {
    case 'flip': {
      const bytes = chunk.bytes.slice();
      if (bytes.length > 0) bytes[place] ^= 1 << how.bit;
      chunks[index] = { ...chunk, bytes };
      break;
    }
    case 'drop':
      if (chunks.length > 1) chunks.splice(index, 1);
      break;
    case 'repeat':
      chunks.splice(index, 0, chunk);
      break;
    case 'gap':
      chunks[index] = { ...chunk, bytes: new Uint8Array(0) };
      break;
    case 'cut':
      chunks[index] = { ...chunk, bytes: chunk.bytes.slice(0, place) };
      break;
    case 'swap':
      chunks.push(...chunks.splice(index, 1));
      break;
    case 'insert':
      chunks[index] = {
        ...chunk,
        bytes: concat(chunk.bytes.subarray(0, place), how.bytes, chunk.bytes.subarray(place)),
      };
  }
}

describe('damaged sessions', () => {
  it('never throw, and what is opened is what was sent', () => {
    fc.assert(
      fc.property(
        fc.nat(2),
        fc.array(damage, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (which, damages, keyed) => {
          const session = sessions[which];
          const chunks: Chunk[] = [...session.chunks];
          for (const one of damages) apply(chunks, one);
          const keyLog = keyed ? KeyLog.parse(utf8Bytes(session.keyLog)).value : undefined;
          const observed = feed(chunks, keyLog);
          if (!keyed) expect(observed.plaintext.client.length + observed.plaintext.server.length).toBe(0);
          const frames = observed.messages.flatMap((message) => message.frames);
          for (const frame of frames) expect(frame).toBeLessThan(chunks.length);
          // Authenticated: a piece of plaintext is one that was written. A plaintext hello may be forged, so keys may be lost.
          for (const side of ['client', 'server'] as const) {
            for (const part of observed.plaintext[side]) {
              expect(session.sent[side]).toContain(new TextDecoder().decode(part));
            }
          }
        },
      ),
    );
  });

  it('of random records never throw', () => {
    const record = fc
      .tuple(
        fc.constantFrom(20, 21, 22, 23, 24),
        fc.integer({ min: 0, max: 4 }),
        fc.uint8Array({ maxLength: 80 }),
      )
      .map(([type, minor, payload]) => concat(Uint8Array.of(type, 3, minor, 0, payload.length), payload));
    const chunk = fc.record({
      from: fc.constantFrom('client' as const, 'server' as const),
      bytes: fc.oneof(record, fc.uint8Array({ maxLength: 50 })),
    });
    fc.assert(fc.property(fc.array(chunk, { maxLength: 20 }), (chunks) => void feed(chunks, new KeyLog())));
  });
});

describe('parsers', () => {
  const message = fc.uint8Array({ maxLength: 400 });

  it('take anything', () => {
    fc.assert(
      fc.property(message, fc.nat(30), fc.boolean(), (bytes, type, tls13) => {
        guarded('TLS', bytes.length, () => {
          parseClientHello(bytes);
          parseServerHello(bytes);
          parseCertificateMessage(bytes, tls13);
          describeMessage(type, bytes, tls13 ? 0x0304 : 0x0303, 0xc02f);
          summarizeCertificate(bytes);
          tlsServerEndPoint(bytes);
          looksLikeClientHello(bytes);
          KeyLog.parse(bytes);
        });
      }),
    );
  });

  it('take a certificate with any byte changed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(255), fc.nat(), (at, value, length) => {
        const bytes = pair.der.slice(0, length % 3 === 0 ? length % pair.der.length : undefined);
        if (bytes.length > 0) bytes[at % bytes.length] = value;
        guarded('TLS', bytes.length, () => {
          const { value: summary } = summarizeCertificate(bytes);
          if (summary) expect(() => JSON.stringify(summary)).not.toThrow();
          tlsServerEndPoint(bytes);
        });
      }),
    );
  });

  it('offsets of fields lie inside the message', () => {
    const hello = sessions[0].chunks[0].bytes.slice(5);
    fc.assert(
      fc.property(fc.nat(), fc.nat(255), (at, value) => {
        const bytes = hello.slice();
        bytes[at % bytes.length] = value;
        const { fields } = guarded('TLS', bytes.length, () => parseClientHello(bytes)).value;
        for (const field of fields) {
          if (field.offset !== undefined) expect(field.offset).toBeLessThanOrEqual(bytes.length);
        }
      }),
    );
  });
});

describe('bounds', () => {
  const bounded = (chunks: readonly Chunk[], keyLog = '') =>
    guarded('TLS', bytesOf(chunks), () => observe([...chunks], keyLog));

  it('hold for endless handshakes, empty records, deep certificates and long key logs', () => {
    const header = (type: number, length: number) => Uint8Array.of(type, 3, 3, length >> 8, length & 0xff);
    const endless = concat(header(22, 16_384), Uint8Array.of(11, 255, 255, 255), new Uint8Array(16_380));
    bounded(Array.from({ length: 500 }, () => ({ from: 'server', bytes: endless })));
    const empty = new Uint8Array(500_000);
    for (let i = 0; i < empty.length; i += 5) empty.set(header(22, 0), i);
    bounded([{ from: 'client', bytes: empty }]);
    const deep = new Uint8Array(60_000);
    for (let i = 0; i < deep.length; i += 2) deep.set([0x30, 0x80], i);
    expect(guarded('TLS', deep.length, () => summarizeCertificate(deep)).value).toBeNull();
    const oneLine = utf8Bytes('CLIENT_RANDOM '.repeat(300_000));
    for (const text of [oneLine, new Uint8Array(2_000_000).fill(0x0a)]) {
      guarded('TLS', text.length, () => KeyLog.parse(text));
    }
  });

  it('hold for a wrong key: it is given up after some records', async () => {
    const [session] = sessions;
    const wrong = session.keyLog.replaceAll(/[0-9a-f]{64,}$/gm, (secret) => '11'.repeat(secret.length / 2));
    const sealed = concat(Uint8Array.of(23, 3, 3, 0x40, 0), new Uint8Array(16_384));
    const chunks: Chunk[] = [
      ...session.chunks.slice(0, 2),
      ...Array.from({ length: 2_000 }, () => ({ from: 'server' as const, bytes: sealed })),
    ];
    expect(bounded(chunks, wrong).observed.plaintext.server).toEqual([]);
  });
});
