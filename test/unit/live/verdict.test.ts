import { describe, expect, it } from 'vitest';
import { decisiveOf, isUsable, verdictOfRun } from '../../../src/live/verdict';
import type { Trace } from '../../../src/trace/model';

/** A trace that ended with this cause. */
function ended(code: string, more: Partial<Trace> = {}): Trace {
  const diagnosis = {
    code,
    severity: 'error',
    what: `${code} happened.`,
    next: [{ kind: 'ask', text: `Mend ${code}.` }],
  };
  return { outcome: 'failed', diagnosis, ...more } as unknown as Trace;
}

const decided = (...codes: string[]) => {
  const traces = codes.map((code) => ended(code));
  const decisive = decisiveOf(traces);
  return [decisive?.diagnosis.code, decisive ? traces.indexOf(decisive) : -1];
};

describe('the attempt that decides', () => {
  it.each([
    // sslmode=prefer, a wrong password, and a server that lets nobody in without TLS.
    [['PG_PASSWORD_REFUSED', 'PG_HBA_NO_ENTRY'], 'PG_PASSWORD_REFUSED', 0],
    // sslmode=allow, the same server.
    [['PG_HBA_NO_ENTRY', 'PG_PASSWORD_REFUSED'], 'PG_PASSWORD_REFUSED', 1],
    [['TLS_CERTIFICATE_UNTRUSTED', 'PG_HBA_NO_ENTRY'], 'TLS_CERTIFICATE_UNTRUSTED', 0],
    [['PG_HBA_NO_ENTRY', 'PG_HBA_NO_ENTRY'], 'PG_HBA_NO_ENTRY', 1],
    [['LIVE_NAME_NOT_FOUND', 'TCP_REFUSED'], 'LIVE_NAME_NOT_FOUND', 0],
    [['TCP_REFUSED', 'PG_DATABASE_MISSING', 'TCP_NO_ANSWER'], 'PG_DATABASE_MISSING', 1],
    // A silent connection was closed, too.
    [['MONGO_CLOSED_ON_HELLO', 'TCP_CLOSED_AT_ONCE'], 'TCP_CLOSED_AT_ONCE', 1],
    [['MONGO_PROOF_REFUSED', 'TCP_CLOSED_AT_ONCE'], 'MONGO_PROOF_REFUSED', 0],
  ] as const)('%j: %s', (codes, code, at) => {
    expect(decided(...codes)).toEqual([code, at]);
  });

  it('is none where nothing was tried', () => {
    expect(decisiveOf([])).toBeUndefined();
  });
});

describe('the verdict of a run', () => {
  const refused = ended('TCP_REFUSED');
  const lost = ended('LIVE_NAME_NOT_FOUND');
  const ready = ended('MONGO_READY', { outcome: 'ready' });

  it.each([
    ['one host', [refused], ['db-a:1'], 1, false, 'TCP_REFUSED happened. Mend TCP_REFUSED.'],
    [
      'two hosts, none of use',
      [refused, lost],
      ['db-a:1', 'db-b:1'],
      2,
      false,
      'None of the 2 hosts can be used. db-a:1: TCP_REFUSED happened. db-b:1: LIVE_NAME_NOT_FOUND happened. Mend TCP_REFUSED.',
    ],
    [
      'two attempts at one of two hosts',
      [refused, refused],
      ['db-a:1', 'db-a:1'],
      2,
      false,
      'TCP_REFUSED happened. Mend TCP_REFUSED.',
    ],
    [
      'the second host',
      [refused, ready],
      ['db-a:1', 'db-b:1'],
      2,
      true,
      'MONGO_READY happened. Mend MONGO_READY. Before it, 1 of the 2 hosts could not be used. db-a:1: TCP_REFUSED happened.',
    ],
  ] as const)('%s', (_name, traces, targets, hosts, connected, verdict) => {
    const decisive = connected ? traces[traces.length - 1] : traces[0];
    expect(verdictOfRun(traces, targets, hosts, decisive, connected)).toBe(verdict);
  });
});

describe('a connection that was opened', () => {
  it.each([
    ['MONGO_READY', 'ready', 'ok', true],
    ['MONGO_NO_PRIMARY', 'ready', 'warning', true],
    ['MONGO_ARBITER', 'incomplete', 'warning', false],
    ['MONGO_NOT_INITIATED', 'failed', 'error', false],
    ['MONGO_AUTHENTICATION_REQUIRED', 'ready', 'error', false],
  ] as const)('%s, %s: %s', (code, outcome, severity, usable) => {
    const trace = ended(code, { outcome });
    Object.assign(trace.diagnosis, { severity });
    expect(isUsable(trace)).toBe(usable);
  });
});
