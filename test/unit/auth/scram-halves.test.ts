import { createHash, pbkdf2Sync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../../../src/auth/base64';
import type { ChannelBinding } from '../../../src/auth/channel-binding';
import { formatPostgresVerifier, parsePostgresVerifier } from '../../../src/auth/postgres-verifier';
import type { ScramHash } from '../../../src/auth/scram';
import { ScramClient } from '../../../src/auth/scram-client';
import { type ScramVerifier, verifierFromSalted } from '../../../src/auth/scram-keys';
import { mockVerifier, ScramServer, type ServerBinding } from '../../../src/auth/scram-server';
import { equalBytes, utf8, utf8Bytes } from '../../../src/base/bytes';

const SALT = Uint8Array.from({ length: 16 }, (_, i) => i * 7);
const END_POINT = createHash('sha256').update('a certificate').digest();

function derive(hash: ScramHash, password: string, salt: Uint8Array, iterations: number): Uint8Array {
  return pbkdf2Sync(password, salt, iterations, hash === 'sha1' ? 20 : 32, hash);
}

interface Run {
  readonly hash?: ScramHash;
  readonly user?: string;
  readonly password?: string;
  readonly clientPassword?: string;
  readonly clientBinding?: ChannelBinding;
  readonly serverBinding?: ServerBinding;
  readonly verifier?: ScramVerifier;
  /** Changes a message on its way. */
  readonly tamper?: (bytes: Uint8Array, index: number) => Uint8Array;
}

/** One exchange: 'ok', or who refused it and why. */
function run(options: Run): string {
  const hash = options.hash ?? 'sha256';
  const password = options.password ?? 'secret';
  const tamper = options.tamper ?? ((bytes: Uint8Array) => bytes);
  const client = new ScramClient({
    hash,
    user: options.user ?? '',
    nonce: 'clientNonce',
    binding: options.clientBinding,
  });
  const server = new ScramServer({ hash, nonce: 'serverNonce', binding: options.serverBinding });
  const first = server.handleClientFirst(tamper(client.clientFirst(), 0));
  if (!first.ok) return `server: ${first.refusal.reason}`;
  const verifier = options.verifier ?? verifierFromSalted(hash, derive(hash, password, SALT, 10), SALT, 10);
  const challenge = client.handleServerFirst(tamper(server.serverFirst(verifier), 1));
  if (!challenge.ok) return `client: ${challenge.error.code}`;
  const key = derive(
    hash,
    options.clientPassword ?? password,
    challenge.salt,
    Math.min(challenge.iterations, 10_000),
  );
  const final = server.handleClientFinal(tamper(client.finish(key), 2));
  if (!final.ok) return `server: ${final.refusal.reason}`;
  const error = client.handleServerFinal(tamper(final.serverFinal, 3));
  return error ? `client: ${error.code}` : `ok ${first.user}`;
}

describe('both halves of SCRAM', () => {
  it('agree for every user and password', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<ScramHash>('sha1', 'sha256'),
        fc.string({ unit: 'grapheme' }),
        fc.string(),
        (hash, user, password) => {
          expect(run({ hash, user, password })).toBe(`ok ${user}`);
        },
      ),
    );
  });

  it('disagree when any byte of any message changes', () => {
    // The user's name counts: it is part of AuthMessage.
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3 }),
        fc.nat(),
        fc.integer({ min: 0, max: 7 }),
        (which, at, bit) => {
          let changed = false;
          const result = run({
            user: 'app_user',
            tamper: (bytes, index) => {
              if (index !== which) return bytes;
              const copy = bytes.slice();
              copy[at % copy.length] ^= 1 << bit;
              // The last digits of a base64 value may carry bits that no byte uses.
              changed = !sameMeaning(bytes, copy);
              return copy;
            },
          });
          if (changed) expect(result).not.toMatch(/^ok/);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('ends with a wrong password at the proof', () => {
    expect(run({ clientPassword: 'other' })).toBe('server: invalid-proof');
  });

  it('ends with an unknown user at the proof too, with the same salt each time', () => {
    const secret = utf8Bytes('server secret');
    const mock = mockVerifier('sha256', 'nobody', secret, 10);
    expect(run({ verifier: mock })).toBe('server: invalid-proof');
    expect(mockVerifier('sha256', 'nobody', secret, 10).salt).toEqual(mock.salt);
    expect(mockVerifier('sha256', 'someone', secret, 10).salt).not.toEqual(mock.salt);
    expect(mock.salt).toHaveLength(16);
  });
});

describe('channel binding', () => {
  const p: ChannelBinding = { flag: 'p', type: 'tls-server-end-point', data: END_POINT };
  const other: ChannelBinding = { ...p, data: createHash('sha256').update('a middle box').digest() };
  const offered: ServerBinding = { plus: false, data: END_POINT };
  const chosen: ServerBinding = { plus: true, data: END_POINT };
  it.each<[string, ChannelBinding, ServerBinding | undefined, string]>([
    ['bound on both sides', p, chosen, 'ok '],
    ['another certificate in between', other, chosen, 'server: binding-mismatch'],
    ['bound without -PLUS', p, offered, 'server: binding-not-offered'],
    ['-PLUS without a binding', { flag: 'n' }, chosen, 'server: binding-required'],
    ['y and nothing offered', { flag: 'y' }, undefined, 'ok '],
    ['y although offered', { flag: 'y' }, offered, 'server: binding-downgrade'],
    ['n although offered', { flag: 'n' }, offered, 'ok '],
  ])('%s', (_name, clientBinding, serverBinding, expected) => {
    expect(run({ clientBinding, serverBinding })).toBe(expected);
  });

  it('notices a flag changed on the way', () => {
    const tamper = (bytes: Uint8Array, index: number) =>
      index === 0 ? utf8Bytes(utf8(bytes).replace('y,,', 'n,,')) : bytes;
    expect(run({ clientBinding: { flag: 'y' }, serverBinding: offered, tamper })).toBe(
      'server: binding-mismatch',
    );
  });
});

describe('the client refuses', () => {
  const start = () =>
    new ScramClient({ hash: 'sha256', user: '', nonce: 'abc', minIterations: 4096, maxIterations: 5000 });
  it.each([
    ['r=xyz1,s=QQ==,i=4096', 'SCRAM_NONCE_MISMATCH'],
    ['r=abc,s=QQ==,i=4096', 'SCRAM_NONCE_MISMATCH'],
    ['r=abcd,s=QQ==,i=4095', 'SCRAM_BAD_ITERATIONS'],
    ['r=abcd,s=QQ==,i=5001', 'SCRAM_BAD_ITERATIONS'],
    ['m=1,r=abcd,s=QQ==,i=4096', 'SCRAM_EXTENSION'],
    ['nonsense', 'SCRAM_MALFORMED'],
  ])('%s', (text, code) => {
    const result = start().handleServerFirst(utf8Bytes(text));
    expect(result).toMatchObject({ ok: false, error: { from: 'client', code } });
  });

  it('a server that reports an error, or says nothing', () => {
    expect(start().handleServerFinal(utf8Bytes('e=unknown-user'))).toMatchObject({
      from: 'server',
      code: 'SCRAM_SERVER_ERROR',
    });
    expect(start().handleServerFinal(utf8Bytes('v='))).toMatchObject({ code: 'SCRAM_BAD_SIGNATURE' });
  });
});

describe('text forms', () => {
  it('base64 is that of Node', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = toBase64(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64'));
        expect(fromBase64(text)).toEqual(bytes);
      }),
    );
    for (const bad of ['Q', 'QQ', 'QQ=', 'Q===', '====', 'QQ==QQ==', 'Q Q=', 'QQ=Q'])
      expect(fromBase64(bad)).toBeUndefined();
  });

  it('a PostgreSQL verifier survives its text', () => {
    const verifier = verifierFromSalted('sha256', derive('sha256', 'secret', SALT, 4096), SALT, 4096);
    const read = parsePostgresVerifier(formatPostgresVerifier(verifier));
    expect(read).toEqual(verifier);
    expect(run({ verifier: { ...(read as ScramVerifier) } })).toBe('ok ');
  });
});

/** Whether two messages say the same once their base64 is decoded. */
function sameMeaning(a: Uint8Array, b: Uint8Array): boolean {
  if (equalBytes(a, b)) return true;
  const split = (bytes: Uint8Array) => utf8(bytes).split(',');
  const [left, right] = [split(a), split(b)];
  if (left.length !== right.length) return false;
  return left.every((part, i) => {
    if (part === right[i]) return true;
    if (!/^[pv]=/.test(part) || part.slice(0, 2) !== right[i].slice(0, 2)) return false;
    const [x, y] = [fromBase64(part.slice(2)), fromBase64(right[i].slice(2))];
    return x !== undefined && y !== undefined && equalBytes(x, y);
  });
}
