import { describe, expect, it } from 'vitest';
import { AuthSourceLinker } from '../../../src/mongodb/diagnose/link';
import { type Diagnosis, UNDECIDED } from '../../../src/trace/diagnosis';
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
  return traceOf({
    protocol: 'mongodb',
    id: `t${++count}`,
    server,
    auth: whole,
    findings: [],
    diagnosis: REFUSED,
    ...more,
  });
}

const REFUSED: Diagnosis = {
  ...UNDECIDED,
  code: 'MONGO_PROOF_REFUSED',
  step: 5,
  params: { user: 'app_user', database: 'admin', text: 'Authentication failed.' },
};

/** Adds all, and gives what is said about the last. */
function link(...traces: Trace[]): { readonly code: string; readonly trace: Trace } {
  const linker = new AuthSourceLinker();
  for (const trace of traces) linker.add(trace);
  const trace = traces[traces.length - 1];
  return { trace, code: trace.diagnosis.code };
}

describe('a user found in the database of another login', () => {
  it('is named in the refused one', () => {
    const first = login({ database: 'shop' });
    const { trace, code } = link(first, login({ outcome: 'failed' }));
    expect(code).toBe('MONGO_WRONG_AUTH_SOURCE');
    expect(trace.diagnosis.params).toMatchObject({ found: 'shop', earlier: first.id });
    expect(trace.diagnosis.step).toBe(5);
    expect(trace.verdict).toBe(
      `The login of app_user@admin was refused; the same user was accepted here before with authSource=shop (${first.id}). Set authSource=shop.`,
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
    expect(link(...traces).code).toBe('MONGO_PROOF_REFUSED');
  });

  it('is forgotten when more users log in than are remembered', () => {
    const many = Array.from({ length: 1_000 }, (_, at) => login({ user: `user${at}`, database: 'shop' }));
    const last = login({ user: 'user0', outcome: 'failed' });
    expect(link(...many, last).code).toBe('MONGO_WRONG_AUTH_SOURCE');
    const one = login({ user: 'user0', outcome: 'failed' });
    expect(link(...many, login({ user: 'one more' }), one).code).toBe('MONGO_PROOF_REFUSED');
  });
});
