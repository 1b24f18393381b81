import { describe, expect, it } from 'vitest';
import { AuthSourceLinker } from '../../../src/mongodb/diagnose/link';
import type { AuthSummary, Trace } from '../../../src/trace/model';
import { traceOf } from '../../support/traces';

let count = 0;

function login(auth: Partial<AuthSummary>, more: Partial<Trace> = {}): Trace {
  const whole: AuthSummary = {
    mechanism: 'SCRAM-SHA-256',
    user: 'app_user',
    database: 'admin',
    outcome: 'ok',
    ...auth,
  };
  const server = { address: '10.0.0.2', port: 27_017 };
  return traceOf({ protocol: 'mongodb', id: `t${++count}`, server, auth: whole, findings: [], ...more });
}

/** Adds all, and gives what is said about the last. */
function link(...traces: Trace[]): { readonly codes: string[]; readonly trace: Trace } {
  const linker = new AuthSourceLinker();
  for (const trace of traces) linker.add(trace);
  const trace = traces[traces.length - 1];
  return { trace, codes: trace.findings.map(({ code }) => code) };
}

describe('a user found in the database of another login', () => {
  it('is named in the refused one', () => {
    const first = login({ database: 'shop' });
    const { trace, codes } = link(first, login({ outcome: 'failed' }, { verdict: 'Refused.' }));
    expect(codes).toEqual(['MG_AUTH_SOURCE_EARLIER']);
    expect(trace.findings[0].message).toBe(
      `The user was found earlier in the database shop (${first.id}), and looked for in admin.`,
    );
    expect(trace.verdict).toBe(
      `Refused. The same user was let in here with authSource=shop before (${first.id}).`,
    );
  });

  it.each([
    ['the same database', [login({}), login({ outcome: 'failed' })]],
    ['another user', [login({ database: 'shop', user: 'other' }), login({ outcome: 'failed' })]],
    [
      'another server',
      [
        login({ database: 'shop' }, { server: { address: '10.0.0.3', port: 1 } }),
        login({ outcome: 'failed' }),
      ],
    ],
    ['no success', [login({ database: 'shop', outcome: 'failed' }), login({ outcome: 'failed' })]],
    ['a certificate', [login({ database: '$external' }), login({ outcome: 'failed' })]],
    ['a success', [login({ database: 'shop' }), login({})]],
    ['PostgreSQL', [login({ database: 'shop' }), login({ outcome: 'failed' }, { protocol: 'postgres' })]],
  ])('is not where there is %s', (_name, traces) => {
    expect(link(...traces).codes).toEqual([]);
  });

  it('is forgotten when more users log in than are remembered', () => {
    const many = Array.from({ length: 1_000 }, (_, at) => login({ user: `user${at}`, database: 'shop' }));
    const last = login({ user: 'user0', outcome: 'failed' });
    expect(link(...many, last).codes).toEqual(['MG_AUTH_SOURCE_EARLIER']);
    const one = login({ user: 'user0', outcome: 'failed' });
    expect(link(...many, login({ user: 'one more' }), one).codes).toEqual([]);
  });
});
