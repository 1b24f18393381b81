import { pbkdf2Sync } from 'node:crypto';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCapture } from '../../../src/files/read-capture';
import {
  checkPassword,
  type DerivePassword,
  recordedLogin,
} from '../../../src/postgres/observer/check-password';
import type { Trace } from '../../../src/trace/model';
import { redactTrace } from '../../../src/trace/redact';

const fixtures = resolve(__dirname, '../../fixtures');
const derive: DerivePassword = async ({ password, salt, iterations, length, hash }) =>
  new Uint8Array(pbkdf2Sync(password, salt, iterations, length, hash));

async function traces(name: string): Promise<readonly Trace[]> {
  return (await readCapture(join(fixtures, name))).document.traces;
}

describe('checkPassword', () => {
  it.each([
    ['pg15-scram.pcapng', 'app-password'],
    ['pg18-tls-scram-keys.pcapng', 'app-password'],
    ['pg18-md5.pcapng', 'md5-password'],
    ['pg18-cleartext-password.pcapng', 'clear-password'],
  ])('tells the right password of %s from a wrong one', async (name, password) => {
    const login = recordedLogin((await traces(name))[0]);
    expect(login).not.toBeNull();
    if (!login) return;
    const right = await checkPassword(login, password, derive);
    expect(right.right).toBe(true);
    expect(right.sentence).toContain('is right');
    const wrong = await checkPassword(login, `${password}x`, derive);
    expect(wrong.right).toBe(false);
    for (const { sentence } of [right, wrong]) expect(sentence).not.toContain(password);
  });

  const EDGES: readonly (readonly [given: string, used: string, words: RegExp])[] = [
    ['secret\n', 'secret', /right but for a trailing newline: the client used it without/],
    ['secret\r\n', 'secret', /right but for a trailing carriage return and newline/],
    ['secret ', 'secret', /right but for a trailing space/],
    ['  secret', 'secret', /right but for leading white space/],
    [' secret \n', 'secret', /right but for leading and trailing white space/],
    ['secret', 'secret\n', /right but for a trailing newline: the client used it with one/],
    ['secret', 'secret ', /right but for a trailing space: the client used it with one/],
    ['secret', 'secret\r', /right but for a trailing carriage return: the client used it with one/],
    ['"secret"', 'secret', /right but for the quotation marks/],
    ['', 'secret', /that was given is empty/],
    ['secre', 'secret', /is wrong/],
    ['secret\n', 'secrets', /is wrong/],
  ];

  it.each(EDGES)('says of %j where %j was used what differs', async (given, used, words) => {
    const login = { method: 'password', user: 'app_user', sent: used } as const;
    const { right, sentence } = await checkPassword(login, given, derive);
    expect(right).toBe(false);
    expect(sentence).toMatch(words);
  });

  it.each([
    ['pg15-scram.pcapng', 'app-password'],
    ['pg18-md5.pcapng', 'md5-password'],
  ])('says so of a hashed login, %s', async (name, password) => {
    const login = recordedLogin((await traces(name))[0]);
    if (!login) throw new Error('no login');
    const { right, sentence } = await checkPassword(login, `${password}\n`, derive);
    expect([right, sentence]).toEqual([false, expect.stringContaining('right but for a trailing newline')]);
    expect(sentence).not.toContain(password);
  });

  it('spends no time on what differs where a login has very many rounds', async () => {
    const login = recordedLogin((await traces('pg15-scram.pcapng'))[0]);
    if (login?.method !== 'scram') throw new Error('no login');
    let rounds = 0;
    await checkPassword({ ...login, iterations: 1_000_000 }, 'x', async ({ iterations, length }) => {
      rounds += iterations;
      return new Uint8Array(length);
    });
    expect(rounds).toBe(1_000_000);
  });

  it('finds the real one wrong where the client used another', async () => {
    for (const trace of await traces('pg18-wrong-password-prefer.pcapng')) {
      const login = recordedLogin(trace);
      if (login) expect((await checkPassword(login, 'app-password', derive)).right).toBe(false);
    }
  });

  it('has nothing to check without a login, inside closed TLS, or in a masked trace', async () => {
    expect(recordedLogin((await traces('pg18-trust.pcapng'))[0])).toBeNull();
    expect(recordedLogin((await traces('pg18-tls-scram.pcapng'))[0])).toBeNull();
    for (const name of ['pg15-scram.pcapng', 'pg18-md5.pcapng', 'pg18-cleartext-password.pcapng']) {
      expect(recordedLogin(redactTrace((await traces(name))[0]))).toBeNull();
    }
  });
});
