import { pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { mongoPasswordDigest } from '../../../src/auth/mongodb-cr';
import { parsePostgresVerifier } from '../../../src/auth/postgres-verifier';
import {
  parseClientFinal,
  parseClientFirst,
  parseServerFinal,
  parseServerFirst,
  type ScramHash,
} from '../../../src/auth/scram';
import { ScramClient } from '../../../src/auth/scram-client';
import { clientFirstFields, scramFields } from '../../../src/auth/scram-fields';
import { checkRecorded, verifierFromSalted } from '../../../src/auth/scram-keys';
import { ScramServer } from '../../../src/auth/scram-server';
import { utf8, utf8Bytes } from '../../../src/base/bytes';

interface Vector {
  readonly name: string;
  readonly hash: ScramHash;
  readonly password: string;
  readonly nonce: string;
  readonly serverNonce: string;
  readonly messages: readonly [string, string, string, string];
}

const VECTORS: readonly Vector[] = [
  {
    name: 'RFC 5802 section 5',
    hash: 'sha1',
    password: 'pencil',
    nonce: 'fyko+d2lbbFgONRv9qkxdawL',
    serverNonce: '3rfcNHYJY1ZVvWVs7j',
    messages: [
      'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL',
      'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
      'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
      'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
    ],
  },
  {
    name: 'RFC 7677 section 3, also the MongoDB specification',
    hash: 'sha256',
    password: 'pencil',
    nonce: 'rOprNGfwEbeRWgbNEkqO',
    serverNonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
    messages: [
      'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
      'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
      'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
    ],
  },
  {
    name: 'MongoDB specification, SCRAM-SHA-1 over the md5 digest',
    hash: 'sha1',
    password: mongoPasswordDigest('user', 'pencil'),
    nonce: 'fyko+d2lbbFgONRv9qkxdawL',
    serverNonce: 'Ho+Vgk7qvUOKUwuWLIWg4l/9SraGMHEE',
    messages: [
      'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL',
      'r=fyko+d2lbbFgONRv9qkxdawLHo+Vgk7qvUOKUwuWLIWg4l/9SraGMHEE,s=rQ9ZY3MntBeuP3E1TDVC4w==,i=10000',
      'c=biws,r=fyko+d2lbbFgONRv9qkxdawLHo+Vgk7qvUOKUwuWLIWg4l/9SraGMHEE,p=MC2T8BvbmWRckDw8oWl5IVghwCY=',
      'v=UMWeI25JD1yNYZRMpZ4VHvhZ9e0=',
    ],
  },
];

function salted(
  vector: { hash: ScramHash; password: string },
  salt: Uint8Array,
  iterations: number,
): Uint8Array {
  return pbkdf2Sync(vector.password, salt, iterations, vector.hash === 'sha1' ? 20 : 32, vector.hash);
}

describe.each(VECTORS)('$name', (vector) => {
  const [clientFirst, serverFirst, clientFinal, serverFinal] = vector.messages.map(utf8Bytes);

  it('is what the client says', () => {
    const client = new ScramClient({ hash: vector.hash, user: 'user', nonce: vector.nonce });
    expect(utf8(client.clientFirst())).toBe(vector.messages[0]);
    const result = client.handleServerFirst(serverFirst);
    if (!result.ok) throw new Error(result.error.message);
    const final = client.finish(salted(vector, result.salt, result.iterations));
    expect(utf8(final)).toBe(vector.messages[2]);
    expect(client.handleServerFinal(serverFinal)).toBeNull();
  });

  it('is what the server says', () => {
    const { salt, iterations } = parseServerFirst(serverFirst).value;
    const server = new ScramServer({ hash: vector.hash, nonce: vector.serverNonce });
    expect(server.handleClientFirst(clientFirst)).toEqual({ ok: true, user: 'user' });
    const verifier = verifierFromSalted(vector.hash, salted(vector, salt, iterations), salt, iterations);
    expect(utf8(server.serverFirst(verifier))).toBe(vector.messages[1]);
    const result = server.handleClientFinal(clientFinal);
    expect(result.ok && utf8(result.serverFinal)).toBe(vector.messages[3]);
  });

  it('is recognised offline, and another password is not', () => {
    const { salt, iterations } = parseServerFirst(serverFirst).value;
    const recorded = { hash: vector.hash, clientFirst, serverFirst, clientFinal, serverFinal };
    expect(checkRecorded(recorded, salted(vector, salt, iterations))).toEqual({
      proof: true,
      signature: true,
    });
    const wrong = salted({ ...vector, password: 'pen' }, salt, iterations);
    expect(checkRecorded(recorded, wrong)).toEqual({ proof: false, signature: false });
    expect(checkRecorded({ ...recorded, serverFinal: undefined }, wrong).signature).toBeNull();
  });
});

describe('parsing', () => {
  it('gives byte ranges that cut the value out of the message', () => {
    const message = utf8Bytes('n,,n=näme,r=abc,x=1');
    const { value, issues } = parseClientFirst(message);
    expect(issues).toEqual([]);
    for (const { offset, length, value: text } of value.attributes) {
      expect(utf8(message.subarray(offset, offset + length))).toBe(text);
    }
    expect(value.attributes.map((attribute) => attribute.name)).toEqual(['n', 'r', 'x']);
    expect(utf8(message.subarray(value.bare.offset))).toBe('n=näme,r=abc,x=1');
  });

  it('reads the channel binding flags and an authorization identity', () => {
    const bound = parseClientFirst(utf8Bytes('p=tls-server-end-point,,n=,r=abc')).value;
    expect([bound.flag, bound.binding, bound.user]).toEqual(['p', 'tls-server-end-point', '']);
    expect(parseClientFirst(utf8Bytes('y,,n=,r=abc')).value.flag).toBe('y');
    expect(parseClientFirst(utf8Bytes('n,a=b=2Cc,n=,r=abc')).value.authzid).toBe('b,c');
  });

  it('unescapes a comma and an equals sign in a name', () => {
    expect(parseClientFirst(utf8Bytes('n,,n=a=2Cb=3Dc,r=x')).value.user).toBe('a,b=c');
    expect(parseClientFirst(utf8Bytes('n,,n=a=2cb,r=x')).issues[0].code).toBe('SCRAM_BAD_NAME');
  });

  it.each([
    ['', 'SCRAM_BAD_GS2_HEADER'],
    ['z,,n=u,r=x', 'SCRAM_BAD_GS2_HEADER'],
    ['n,b,n=u,r=x', 'SCRAM_BAD_GS2_HEADER'],
    ['n,,m=1,n=u,r=x', 'SCRAM_EXTENSION'],
    ['n,,r=x,n=u', 'SCRAM_MISSING_ATTRIBUTE'],
    ['n,,n=u,r=', 'SCRAM_BAD_NONCE'],
    ['n,,n=u,r=é', 'SCRAM_BAD_NONCE'],
    ['n,,n=u,r=x,', 'SCRAM_BAD_ATTRIBUTE'],
  ])('finds fault with client-first %j', (text, code) => {
    expect(parseClientFirst(utf8Bytes(text)).issues.map((issue) => issue.code)).toContain(code);
  });

  it.each([
    ['r=x,s=QQ==,i=0', 'SCRAM_BAD_ITERATIONS'],
    ['r=x,s=QQ==,i=-1', 'SCRAM_BAD_ITERATIONS'],
    ['r=x,s=QQ==,i=99999999999', 'SCRAM_BAD_ITERATIONS'],
    ['r=x,s=QQ=,i=1', 'SCRAM_BAD_BASE64'],
    ['r=x,s=,i=1', 'SCRAM_BAD_SALT'],
    ['s=QQ==,i=1', 'SCRAM_MISSING_ATTRIBUTE'],
  ])('finds fault with server-first %j', (text, code) => {
    expect(parseServerFirst(utf8Bytes(text)).issues.map((issue) => issue.code)).toContain(code);
  });

  it('reads an error and a client-final with extensions', () => {
    expect(parseServerFinal(utf8Bytes('e=invalid-proof')).value.error).toBe('invalid-proof');
    const final = parseClientFinal(utf8Bytes('c=biws,r=x,y=1,p=AAAA'));
    expect(final.issues).toEqual([]);
    expect(final.value.withoutProof.length).toBe('c=biws,r=x,y=1'.length);
    expect(parseClientFinal(utf8Bytes('c=biws,r=x')).issues[0].code).toBe('SCRAM_MISSING_ATTRIBUTE');
  });

  it('masks nonce, salt, proof and signature, and shows the rest', () => {
    const secret = (text: string) =>
      scramFields(parseClientFinal(utf8Bytes(text)).value, 5).map((field) => [
        field.name[0],
        field.secret === true,
        field.offset,
      ]);
    expect(secret('c=biws,r=x,p=AAAA')).toEqual([
      ['c', false, 7],
      ['n', true, 14],
      ['p', true, 18],
    ]);
    const [flag, user, nonce] = clientFirstFields(parseClientFirst(utf8Bytes('n,,n=u,r=x')).value);
    expect([flag.secret, user.secret, nonce.secret]).toEqual([undefined, undefined, true]);
  });
});

describe('PostgreSQL verifier text', () => {
  it('refuses what is not one', () => {
    for (const text of [
      '',
      'md53175bce1d3201d16594cebf9d7eb3f9d',
      'SCRAM-SHA-256$4096:QQ==$QQ==:QQ==',
      'SCRAM-SHA-256$0:QQ==$a:b',
    ]) {
      expect(parsePostgresVerifier(text)).toBeUndefined();
    }
  });
});
