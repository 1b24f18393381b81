import { createCipheriv, createHmac } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { concat, fromHex, utf8Bytes } from '../../../src/base/bytes';
import type { Side } from '../../../src/base/mark';
import { KeyLog } from '../../../src/tls/keylog';
import { TlsSession } from '../../../src/tls/session';
import { type KeyPair, makeCertificate, type NodeSession, runNodeSession } from './node-session';
import { markOf, Observed, observe } from './observed';

let pair: KeyPair;
let session13: NodeSession;
beforeAll(async () => {
  pair = await makeCertificate('ecdsa');
  session13 = await runNodeSession({
    server: { cert: pair.cert, key: pair.key },
    client: { ciphers: 'TLS_AES_128_GCM_SHA256' },
    lines: ['one', 'two', 'three'],
  });
});

/** HKDF-Expand-Label for outputs of one block, by Node's own HMAC. */
function label(secret: Uint8Array, name: string, length: number): Uint8Array {
  const info = Buffer.concat([
    Buffer.from([0, length, name.length + 6]),
    Buffer.from(`tls13 ${name}`),
    Buffer.from([0, 1]),
  ]);
  return createHmac('sha256', secret).update(info).digest().subarray(0, length);
}

/** Seals a TLS 1.3 record, by Node's own AES. */
function seal(secret: Uint8Array, sequence: number, type: number, content: Uint8Array): Uint8Array {
  const nonce = Buffer.from(label(secret, 'iv', 12));
  nonce[11] ^= sequence;
  const length = content.length + 17;
  const header = Uint8Array.of(23, 3, 3, length >> 8, length & 0xff);
  const cipher = createCipheriv('aes-128-gcm', label(secret, 'key', 16), nonce).setAAD(header);
  const sealed = Buffer.concat([
    cipher.update(concat(content, Uint8Array.of(type))),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return concat(header, sealed);
}

function secretOf(keyLog: string, name: string): Uint8Array {
  const line = keyLog.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return fromHex(line?.trim().split(' ')[2] ?? '') as Uint8Array;
}

describe('key update', () => {
  it('is followed, twice', () => {
    const handshakeOnly = session13.chunks.slice(0, 3);
    const zero = secretOf(session13.keyLog, 'CLIENT_TRAFFIC_SECRET_0');
    const one = label(zero, 'traffic upd', 32);
    const two = label(one, 'traffic upd', 32);
    const update = Uint8Array.of(24, 0, 0, 1, 1);
    const extra = concat(
      seal(zero, 0, 23, utf8Bytes('a')),
      seal(zero, 1, 22, update),
      seal(one, 0, 23, utf8Bytes('b')),
      seal(one, 1, 22, update),
      seal(two, 0, 23, utf8Bytes('c')),
    );
    const { observed } = observe(
      [...withoutData(handshakeOnly), { from: 'client', bytes: extra }],
      session13.keyLog,
    );
    expect(observed.text('client')).toBe('abc');
    expect(observed.names.filter((name) => name === 'client KeyUpdate')).toHaveLength(2);
  });

  it('with a wrong key later gives ciphertext, not an end', () => {
    const zero = secretOf(session13.keyLog, 'CLIENT_TRAFFIC_SECRET_0');
    const wrong = new Uint8Array(32);
    const extra = concat(seal(wrong, 0, 23, utf8Bytes('not ours')), seal(zero, 0, 23, utf8Bytes('ours')));
    const { observed } = observe(
      [...withoutData(session13.chunks.slice(0, 3)), { from: 'client', bytes: extra }],
      session13.keyLog,
    );
    expect(observed.ciphertext.client).toEqual([8 + 17]);
    expect(observed.text('client')).toBe('ours');
  });

  /** The client's flight ends with its Finished; Node writes its first data into the same chunk or the next. */
  function withoutData(chunks: NodeSession['chunks']): NodeSession['chunks'] {
    return chunks.map((chunk) => {
      if (chunk.from === 'server' || chunk.bytes[0] === 22) return chunk;
      const ccs = 6;
      const finished = 5 + 4 + 32 + 17;
      return { from: chunk.from, bytes: chunk.bytes.subarray(0, ccs + finished) };
    });
  }
});

describe('early data', () => {
  const record = (length: number) =>
    concat(Uint8Array.of(23, 3, 3, length >> 8, length & 0xff), new Uint8Array(length).fill(0x5a));

  /** The recorded ClientHello with an empty early_data extension at its end. */
  function announcing(hello: Uint8Array): Uint8Array {
    const bytes = concat(hello, Uint8Array.of(0, 42, 0, 0));
    const grow = (at: number) => {
      const value = ((bytes[at] << 8) | bytes[at + 1]) + 4;
      bytes.set([value >> 8, value & 0xff], at);
    };
    grow(3);
    grow(7);
    const sessionId = 5 + 4 + 2 + 32;
    const suites = sessionId + 1 + bytes[sessionId];
    const compressions = suites + 2 + ((bytes[suites] << 8) | bytes[suites + 1]);
    grow(compressions + 1 + bytes[compressions]);
    return bytes;
  }

  it.each([true, false])('is recognised before and behind the ServerHello, with keys: %s', (keyed) => {
    const [hello, flight, ...rest] = session13.chunks;
    const chunks = [
      { from: 'client' as const, bytes: concat(announcing(hello.bytes), record(100)) },
      ...(keyed
        ? [flight, { from: 'client' as const, bytes: record(200) }, ...rest]
        : [{ from: 'client' as const, bytes: record(200) }, flight, ...rest]),
    ];
    const { observed } = observe(chunks, keyed ? session13.keyLog : undefined);
    const early = observed.messages.filter((message) => message.name === 'EarlyData');
    expect(early.map((message) => message.bytes)).toEqual([100, 200]);
    expect(observed.messages[0].summary).toContain('sends early data (0-RTT)');
    expect(observed.facts).toMatchObject({ established: true });
    if (keyed) expect(observed.text('client')).toBe(session13.sent.client);
    expect(observe([hello, { from: 'client', bytes: record(100) }]).observed.names).not.toContain(
      'client EarlyData',
    );
  });
});

describe('missing bytes', () => {
  it('are skipped, and decryption goes on after them', async () => {
    const session = await runNodeSession({
      server: { cert: pair.cert, key: pair.key },
      lines: Array.from({ length: 21 }, (_, i) => `line ${i}\n`),
    });
    const observed = new Observed();
    const tls = new TlsSession(observed, { keyLog: KeyLog.parse(utf8Bytes(session.keyLog)).value });
    const lost = session.chunks.findLastIndex(
      (chunk, index) => chunk.from === 'client' && index < session.chunks.length - 10,
    );
    session.chunks.forEach((chunk, index) => {
      if (index === lost) tls.handleGap(chunk.from, chunk.bytes.length, markOf(index + 1));
      else tls.handleBytes(chunk.from, chunk.bytes, markOf(index + 1));
    });
    expect(observed.text('server')).toBe(session.sent.server);
    const lines = observed.text('client').split('\n');
    expect(lines).toHaveLength(session.sent.client.split('\n').length - 1);
    expect(lines.at(-2)).toBe('line 20');
  });

  it('in the handshake are not a certificate that nobody asked for', async () => {
    const server = { cert: pair.cert, key: pair.key };
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { chunks, keyLog } = await runNodeSession({ server: { ...server, maxVersion } });
      const requested = (lost: Side | null) => {
        const tls = new TlsSession(new Observed(), { keyLog: KeyLog.parse(utf8Bytes(keyLog)).value });
        chunks.forEach(({ from, bytes }, index) => {
          // A record of its own behind the ClientHello, of which nothing is there.
          if (index === 1 && lost) tls.handleGap(lost, 60, markOf(1));
          tls.handleBytes(from, bytes, markOf(index + 1));
        });
        return tls.evidence.certificateRequested;
      };
      expect(requested(null)).toBe(false);
      expect(requested('server')).toBeNull();
    }
  });

  it('in the handshake leave what can still be seen', () => {
    const observed = new Observed();
    const tls = new TlsSession(observed, {});
    const [hello, ...rest] = session13.chunks;
    tls.handleBytes('client', hello.bytes, markOf(1));
    tls.handleGap('server', rest[0].bytes.length, markOf(2));
    for (const chunk of rest.slice(1)) tls.handleBytes(chunk.from, chunk.bytes, markOf(3));
    expect(observed.names).toEqual(expect.arrayContaining(['client ClientHello', 'client ChangeCipherSpec']));
    expect(observed.ciphertext.client.length).toBeGreaterThan(0);
    expect(tls.broken).toBeNull();
  });
});

describe('what is no TLS', () => {
  it.each([
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 'not TLS: an HTTP answer'],
    ['E\0\0\0\x57SERROR\0', 'not TLS: a PostgreSQL ErrorResponse in the clear'],
    ['SSH-2.0-OpenSSH_9.9\r\n', 'not TLS: an SSH greeting'],
    ['+PONG\r\n', 'not TLS'],
  ])('is shown once: %j', (text, summary) => {
    const chunks = [
      session13.chunks[0],
      { from: 'server' as const, bytes: utf8Bytes(text) },
      { from: 'server' as const, bytes: utf8Bytes('more of it') },
    ];
    const { observed, session } = observe(chunks, undefined, true);
    expect(observed.names).toEqual(['client ClientHello', 'server NotTLS']);
    expect(observed.messages[1]).toMatchObject({ summary, frames: [2] });
    expect(observed.messages[1].data).toEqual(utf8Bytes(text));
    expect(session.broken?.code).toBe('TLS_NOT_TLS');
  });
});

describe('a stranger key log', () => {
  it('opens nothing and breaks nothing', async () => {
    const other = await runNodeSession({ server: { cert: pair.cert, key: pair.key } });
    const stolen = session13.keyLog.replaceAll(/ [0-9a-f]{64} /g, ` ${other.keyLog.split(' ')[1]} `);
    for (const keyLog of [session13.keyLog, stolen]) {
      const { observed } = observe(other.chunks, keyLog);
      expect(observed.plaintext).toEqual({ client: [], server: [] });
      expect(observed.facts).toMatchObject({ version: 'TLSv1.3', established: true });
      expect(observed.facts.decrypted).toBe(false);
    }
  });
});
