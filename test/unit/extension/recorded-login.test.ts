/** Handshake: Check Password, from what the language server gives. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StepBytes } from '../../../src/contract/values';
import { checkableLogin } from '../../../src/extension/recorded-login';
import { LAB_PASSWORD } from '../../../src/lab/accounts';
import { CaptureSession } from '../../../src/language/session';
import { captures } from '../mongodb/recorded';

const [mongo, byCertificate] = [false, true].map((x509) =>
  captures.filter((name) => name.includes('x509') === x509),
);

/** The logins of a fixture that are offered, and how often bytes were asked for. */
async function loginsOf(name: string) {
  const news = { onProgress: () => undefined, onFinished: () => undefined, onFailed: () => undefined };
  const file = path.join(__dirname, '../../fixtures', name);
  const session = new CaptureSession(file, { keyLogFile: null }, news);
  await session.done;
  const asked: number[] = [];
  const logins = session.traces.flatMap(({ id }) => {
    const trace = session.trace(id, true);
    const readStep = (step: number): Promise<StepBytes> => {
      asked.push(step);
      return session.bytes(id, step, true);
    };
    return (trace && checkableLogin(trace, readStep)) ?? [];
  });
  return { logins, asked, session };
}

describe.each(mongo)('the login of %s', (name) => {
  const used = name.includes('wrong-password') ? 'not-the-password' : LAB_PASSWORD;

  it('is offered once, and its bytes are read for the comparison alone', async () => {
    const { logins, asked, session } = await loginsOf(name);
    expect(logins).toHaveLength(1);
    expect(logins[0].user).toMatch(/_user$/);
    expect(asked).toEqual([]);
    const right = await logins[0].check(used);
    expect(right.right).toBe(true);
    expect(right.sentence).toContain(`login of ${logins[0].user}`);
    expect(asked.length).toBeGreaterThan(2);
    const wrong = await logins[0].check(`${used}?`);
    expect(wrong.right).toBe(false);
    expect(wrong.sentence).toContain('was not used');
    for (const { sentence } of [right, wrong]) expect(sentence).not.toContain(used);
    session.dispose();
  });
});

describe('a login', () => {
  it('of PostgreSQL needs no bytes besides its trace', async () => {
    const { logins, asked, session } = await loginsOf('pg15-scram.pcapng');
    expect(logins.map(({ method }) => method)).toEqual(['scram']);
    expect((await logins[0].check('app-password')).right).toBe(true);
    expect((await logins[0].check('app-passwort')).right).toBe(false);
    expect(asked).toEqual([]);
    session.dispose();
  });

  it.each(['pg18-trust.pcapng', ...byCertificate])(
    'is not offered where no password was proved: %s',
    async (name) => {
      expect((await loginsOf(name)).logins).toEqual([]);
    },
  );

  it('whose bytes cannot be had is not called wrong', async () => {
    const { session } = await loginsOf('mongo3-cr.pcapng');
    const trace = session.trace('t2', true);
    const none = { hex: '', total: 10, masked: [], note: 'The file has changed.' };
    const login = trace && checkableLogin(trace, () => Promise.resolve(none));
    expect(await login?.check(LAB_PASSWORD)).toEqual({
      right: false,
      sentence: 'This login could not be compared with a password. The file has changed.',
    });
    session.dispose();
  });
});
