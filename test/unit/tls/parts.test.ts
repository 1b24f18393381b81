import { createHash, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { concat, fromHex, hex, utf8Bytes } from '../../../src/base/bytes';
import { parseCertificateMessage, summarizeCertificate } from '../../../src/tls/certificate';
import { HandshakeReader, MAX_HANDSHAKE } from '../../../src/tls/handshake';
import { parseClientHello, parseServerHello } from '../../../src/tls/hello';
import { namesMatch } from '../../../src/tls/host-name';
import { expandLabel } from '../../../src/tls/key-schedule';
import { KEY_LOG_LIMITS, KeyLog } from '../../../src/tls/keylog';
import {
  alertName,
  groupName,
  handshakeName,
  isGrease,
  suiteName,
  versionName,
} from '../../../src/tls/names';
import { nonceOf, type Protection, protectionOf, sequenceBytes } from '../../../src/tls/protection';
import { MAX_RECORD, RecordReader, type TlsRecord } from '../../../src/tls/record';
import { tlsServerEndPoint } from '../../../src/tls/server-end-point';
import { looksLikeClientHello } from '../../../src/tls/sniff';
import { type KeyPair, makeCertificate } from './node-session';
import { markOf } from './observed';

const record = (type: number, payload: Uint8Array) =>
  concat(Uint8Array.of(type, 3, 3, payload.length >> 8, payload.length & 0xff), payload);
const handshake = (type: number, body: Uint8Array) =>
  concat(Uint8Array.of(type, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff), body);
const extension = (type: number, body: Uint8Array) =>
  concat(Uint8Array.of(type >> 8, type & 0xff, body.length >> 8, body.length & 0xff), body);
const bytes = (text: string) => fromHex(text.replaceAll(' ', '')) as Uint8Array;

describe('names', () => {
  it('are those of the registries, or the number', () => {
    expect(suiteName(0x1301)).toBe('TLS_AES_128_GCM_SHA256');
    expect(suiteName(0xc02f)).toBe('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256');
    expect(suiteName(0xfefe)).toBe('0xfefe');
    expect(groupName(0x11ec)).toBe('X25519MLKEM768');
    expect([alertName(48), alertName(200)]).toEqual(['unknown_ca', '200']);
    expect([versionName(0x0304), versionName(0x7f1c)]).toEqual(['TLSv1.3', '0x7f1c']);
    expect(handshakeName(77)).toBe('Handshake(77)');
  });

  it('know GREASE', () => {
    expect([0x0a0a, 0xfafa, 0x0a1a, 0x1301].map(isGrease)).toEqual([true, true, false, false]);
  });

  it('say how a suite protects its records', () => {
    const rows: readonly [number, Protection['kind'], number, string, string | null, number][] = [
      [0x1302, 'gcm', 32, 'sha384', null, 16],
      [0x1304, 'ccm', 16, 'sha256', null, 16],
      [0x1305, 'ccm', 16, 'sha256', null, 8],
      [0xc013, 'cbc', 16, 'sha256', 'sha1', 0],
      [0xc028, 'cbc', 32, 'sha384', 'sha384', 0],
      [0xc09d, 'ccm', 32, 'sha256', null, 16],
      [0xc0ae, 'ccm', 16, 'sha256', null, 8],
      [0xcca8, 'chacha20-poly1305', 32, 'sha256', null, 16],
    ];
    for (const [suite, kind, keyLength, hash, mac, tagLength] of rows) {
      expect(protectionOf(suite)).toEqual({ kind, keyLength, hash, mac, tagLength });
    }
    for (const suite of [0x0005, 0x000a, 0x003b]) expect(protectionOf(suite)).toBeUndefined();
  });
});

describe('records', () => {
  it('come out of any cut, with the frames that carried them', () => {
    const stream = concat(
      record(22, bytes('0102')),
      record(23, new Uint8Array(0)),
      record(21, bytes('0100')),
    );
    for (let cut = 0; cut <= stream.length; cut++) {
      const reader = new RecordReader();
      const seen: string[] = [];
      const drain = () => {
        for (let next = reader.next(); next; next = reader.next()) {
          seen.push(`${next.type} ${hex(next.payload)} ${next.frames()} ${next.mark.frame}`);
        }
      };
      reader.append(stream.subarray(0, cut), markOf(1));
      drain();
      reader.append(stream.subarray(cut), markOf(2));
      drain();
      const frame = (start: number, end: number) => (cut >= end ? '1 1' : cut <= start ? '2 2' : '1,2 2');
      expect(seen).toEqual([`22 0102 ${frame(0, 7)}`, `23  ${frame(7, 12)}`, `21 0100 ${frame(12, 19)}`]);
    }
  });

  it.each([
    ['text', utf8Bytes('HTTP/1.1 400 Bad Request\r\n')],
    ['a length past the bound', Uint8Array.of(22, 3, 3, (MAX_RECORD + 1) >> 8, (MAX_RECORD + 1) & 0xff)],
    ['a version of 2', Uint8Array.of(22, 2, 0, 0, 1)],
  ])('are refused: %s', (_name, input) => {
    const reader = new RecordReader();
    reader.append(input, markOf(1));
    expect(reader.next()).toBeUndefined();
    expect(reader.broken?.code).toBe('TLS_NOT_TLS');
    reader.append(record(22, bytes('00')), markOf(2));
    expect(reader.next()).toBeUndefined();
  });

  it('are found again after a gap', () => {
    const reader = new RecordReader();
    reader.append(record(23, new Uint8Array(100)).subarray(0, 50), markOf(1));
    expect(reader.next()).toBeUndefined();
    reader.handleGap(2000);
    reader.append(new Uint8Array(300).fill(0xaa), markOf(2));
    reader.append(record(23, bytes('00112233')), markOf(3));
    const found = reader.next();
    expect(found && hex(found.payload)).toBe('00112233');
    expect([reader.lost, reader.broken]).toEqual([true, null]);
  });
});

describe('handshake messages', () => {
  const place = (payload: Uint8Array, frame: number): TlsRecord => ({
    type: 22,
    version: 0x0303,
    header: new Uint8Array(5),
    payload,
    length: payload.length,
    mark: markOf(frame),
    frames: () => [frame],
  });

  it('are joined over records and cut out of one', () => {
    const stream = concat(
      handshake(14, new Uint8Array(0)),
      handshake(11, new Uint8Array(300)),
      handshake(20, new Uint8Array(12)),
    );
    const reader = new HandshakeReader();
    const seen = [];
    for (let at = 0, frame = 1; at < stream.length; at += 100, frame++) {
      const part = stream.subarray(at, at + 100);
      seen.push(...reader.read(part, place(part, frame), false));
    }
    expect(seen.map((message) => [message.type, message.bytes.length, message.frames])).toEqual([
      [14, 4, [1]],
      [11, 304, [1, 2, 3, 4]],
      [20, 16, [4]],
    ]);
  });

  it('of a length that no one sends are given up', () => {
    const reader = new HandshakeReader();
    const header = Uint8Array.of(11, 0xff, 0xff, 0xff);
    expect(reader.read(header, place(header, 1), false)).toEqual([]);
    expect(reader.overflowed).toBe(true);
    expect(MAX_HANDSHAKE).toBeLessThan(0xffffff);
  });
});

describe('hellos', () => {
  const random = new Uint8Array(32).fill(7);
  const clientBody = (extensions: Uint8Array) =>
    concat(
      bytes('0303'),
      random,
      bytes('02 aabb'),
      bytes('0006 1a1a 1301 00ff'),
      bytes('0100'),
      Uint8Array.of(extensions.length >> 8, extensions.length & 0xff),
      extensions,
    );

  it('are read with the place of every extension', () => {
    const message = handshake(
      1,
      clientBody(
        concat(
          extension(0x2a2a, new Uint8Array(0)),
          extension(0, bytes('000a 00 0007 64622e74657374')),
          extension(16, bytes('000b 0a 706f737467726573716c')),
          extension(43, bytes('06 4a4a 0304 0303')),
          extension(10, bytes('0004 001d 0017')),
          extension(51, bytes('0006 001d 0002 0102')),
          extension(13, bytes('0002 0804')),
        ),
      ),
    );
    const { value, issues } = parseClientHello(message);
    expect(issues).toEqual([]);
    expect(value).toMatchObject({
      sni: 'db.test',
      alpn: ['postgresql'],
      groups: [29, 23],
      keyShares: [29],
      maxVersion: 0x0304,
    });
    expect(value.suites).toEqual([0x1a1a, 0x1301, 0x00ff]);
    const field = (name: string) => value.fields.find((candidate) => candidate.name === name);
    expect(field('cipher_suites')?.value).toBe('TLS_AES_128_GCM_SHA256, TLS_EMPTY_RENEGOTIATION_INFO_SCSV');
    expect(field('supported_versions')?.value).toBe('TLSv1.3, TLSv1.2');
    expect(field('GREASE')?.length).toBe(4);
    const name = field('server_name');
    const at = name?.offset ?? 0;
    expect(hex(message.subarray(at, at + (name?.length ?? 0)))).toBe('0000000c000a00000764622e74657374');
    const session = field('session_id');
    expect(hex(message.subarray(session?.offset ?? 0, (session?.offset ?? 0) + 2))).toBe('aabb');
  });

  it('without extensions are TLS 1.2 or older', () => {
    const body = clientBody(new Uint8Array(0));
    expect(parseClientHello(handshake(1, body.subarray(0, body.length - 2))).value.maxVersion).toBe(0x0303);
  });

  it('of a server tell version, downgrade and retry', () => {
    const server = (value: Uint8Array, extensions: Uint8Array) =>
      parseServerHello(
        handshake(
          2,
          concat(bytes('0303'), value, bytes('00 1301 00'), Uint8Array.of(0, extensions.length), extensions),
        ),
      ).value;
    const plain = server(random, extension(43, bytes('0304')));
    expect([plain.version, plain.suite, plain.helloRetryRequest]).toEqual([0x0304, 0x1301, false]);
    const retry = createHash('sha256').update('HelloRetryRequest').digest();
    expect(server(retry, extension(51, bytes('0017')))).toMatchObject({
      helloRetryRequest: true,
      keyShares: [0x17],
    });
    const sentinel = concat(random.subarray(0, 24), utf8Bytes('DOWNGRD'), Uint8Array.of(1));
    expect(server(sentinel, new Uint8Array(0)).downgraded).toBe(true);
  });

  it('cut short say so', () => {
    const message = handshake(1, clientBody(extension(0, bytes('000a 00 0007 64622e74657374'))));
    for (let length = 4; length < message.length; length++) {
      expect(
        parseClientHello(message.subarray(0, length)).issues.length > 0 || length === message.length - 18,
      ).toBe(true);
    }
  });

  it('are recognised by their first bytes', () => {
    const hello = record(22, handshake(1, new Uint8Array(300)));
    for (let length = 0; length < 7; length++)
      expect(looksLikeClientHello(hello.subarray(0, length))).toBe('more');
    expect(looksLikeClientHello(hello)).toBe('yes');
    expect(looksLikeClientHello(bytes('00000008 04d2162f'))).toBe('no');
    expect(looksLikeClientHello(record(22, handshake(2, new Uint8Array(80))))).toBe('no');
    expect(looksLikeClientHello(record(23, new Uint8Array(80)))).toBe('no');
    expect(looksLikeClientHello(utf8Bytes('GET / HTTP/1.1'))).toBe('no');
  });
});

describe('certificates', () => {
  let pair: KeyPair;
  beforeAll(async () => {
    pair = await makeCertificate('ecdsa');
  });

  it('are summarized as Node does', () => {
    const { value, issues } = summarizeCertificate(pair.der);
    const node = new X509Certificate(pair.der);
    expect(issues).toEqual([]);
    expect(value).toEqual({
      subject: 'CN=db.test,O=Test+OU=a\\, b',
      issuer: 'CN=db.test,O=Test+OU=a\\, b',
      names: ['db.test', '*.apps.test', '127.0.0.1', '::1'],
      notBefore: '2020-01-01T00:00:00Z',
      notAfter: '2049-12-31T23:59:59Z',
      fingerprint256: node.fingerprint256,
      selfSigned: true,
    });
    expect(Array.isArray(value?.names) && value.names.constructor).toBe(Array);
  });

  it('are found in the messages of both versions', () => {
    const { der } = pair;
    const entry = concat(Uint8Array.of(0, der.length >> 8, der.length & 0xff), der);
    const list = (content: Uint8Array) =>
      concat(Uint8Array.of(0, content.length >> 8, content.length & 0xff), content);
    const old = parseCertificateMessage(handshake(11, list(concat(entry, entry))), false);
    expect(old.value.map((found) => found.offset)).toEqual([10, 13 + der.length]);
    expect(old.issues).toEqual([]);
    const now = parseCertificateMessage(
      handshake(11, concat(bytes('02 aabb'), list(concat(entry, bytes('0000'))))),
      true,
    );
    expect(now.value.map((found) => found.summary?.subject)).toEqual(['CN=db.test,O=Test+OU=a\\, b']);
    const damaged = parseCertificateMessage(
      handshake(11, list(concat(bytes('000003 300101'), entry))),
      false,
    );
    expect(damaged.value[0].summary).toBeNull();
    expect(damaged.value[1].summary?.subject).toContain('CN=db.test');
    expect(damaged.issues[0]).toMatchObject({ code: 'TLS_BAD_CERTIFICATE', offset: 10 });
  });

  it('match host names as RFC 6125 says', () => {
    const value = summarizeCertificate(pair.der).value;
    if (!value) throw new Error('unreadable');
    expect(
      ['db.test', 'DB.TEST.', 'a.apps.test', '127.0.0.1'].map((host) => namesMatch(host, value)),
    ).toEqual([true, true, true, true]);
    expect(['apps.test', 'a.b.apps.test', 'xdb.test', ''].map((host) => namesMatch(host, value))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    const bare = { ...value, names: [] };
    expect([namesMatch('db.test', bare), namesMatch('apps.test', bare)]).toEqual([true, false]);
  });
});

describe('tls-server-end-point', () => {
  it.each([
    ['ecdsa', 'sha256'],
    ['ecdsa-384', 'sha384'],
    ['rsa', 'sha256'],
    ['rsa-sha1', 'sha256'],
    ['rsa-pss-512', 'sha512'],
  ] as const)('of %s is the %s of the certificate', async (kind, hash) => {
    const { der } = await makeCertificate(kind);
    expect(hex(tlsServerEndPoint(der) ?? new Uint8Array(0))).toBe(createHash(hash).update(der).digest('hex'));
  });

  it('is not defined for Ed25519, nor for what is no certificate', async () => {
    expect(tlsServerEndPoint((await makeCertificate('ed25519')).der)).toBeUndefined();
    expect(tlsServerEndPoint(utf8Bytes('no certificate'))).toBeUndefined();
  });
});

describe('key log', () => {
  const random = 'ab'.repeat(32);
  it('is read with comments, CRLF, unknown labels and damage', () => {
    const { value, issues } = KeyLog.parse(
      utf8Bytes(
        `# comment\r\n\r\nCLIENT_RANDOM ${random.toUpperCase()} ${'01'.repeat(48)}\r\nSERVER_TRAFFIC_SECRET_1 ${random} 00\nCLIENT_TRAFFIC_SECRET_0 ${random} zz\nEXPORTER_SECRET ${random} ${'02'.repeat(32)}\n${'x'.repeat(KEY_LOG_LIMITS.line + 1)}\n__proto__ ${random} 00\nCLIENT_RANDOM`,
      ),
    );
    expect(value.size).toBe(1);
    const secrets = value.secretsFor(new Uint8Array(32).fill(0xab));
    expect(hex(secrets?.master ?? new Uint8Array(0))).toBe('01'.repeat(48));
    expect(secrets?.exporter).toHaveLength(32);
    expect(secrets?.clientTraffic).toBeUndefined();
    expect(issues).toHaveLength(3);
    expect(value.secretsFor(new Uint8Array(32))).toBeUndefined();
  });

  it('is empty without secrets', () => {
    expect(KeyLog.parse(utf8Bytes('hello\nworld')).value.empty).toBe(true);
  });
});

describe('key schedule', () => {
  it('expands as RFC 8448 section 3 shows', () => {
    // server handshake traffic secret and its write key and IV
    const secret = bytes('b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38');
    expect(hex(expandLabel('sha256', secret, 'key', 16))).toBe('3fce516009c21727d0f2e4e86ee403bc');
    expect(hex(expandLabel('sha256', secret, 'iv', 12))).toBe('5d313eb2671276ee13000b30');
  });

  it('numbers records past 32 bits', () => {
    expect(hex(sequenceBytes(2 ** 32 + 258))).toBe('0000000100000102');
    expect(hex(nonceOf(new Uint8Array(12).fill(0xff), 1))).toBe('fffffffffffffffffffffffe');
  });
});
