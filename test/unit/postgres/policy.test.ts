import { describe, expect, it } from 'vitest';
import type { FailureKind } from '../../../src/postgres/client/client-options';
import { ConnectionPolicy, verification } from '../../../src/postgres/client/policy';
import { SSL_MODES, type SslMode } from '../../../src/postgres/options/option-values';

/** The attempts libpq makes when each one fails in the same way: `ssl?` may go on in the clear after N. */
function attempts(
  sslmode: SslMode,
  kind: FailureKind,
  options: { direct?: boolean; refused?: boolean; unix?: boolean } = {},
): string[] {
  const sslnegotiation = options.direct ? 'direct' : 'postgres';
  const policy = new ConnectionPolicy({
    sslmode,
    sslnegotiation,
    rootCertificate: false,
    unixSocket: options.unix,
  });
  const made: string[] = [];
  let attempt = policy.first();
  for (let i = 0; i < 10; i++) {
    made.push(attempt.encryption + (attempt.plainAfterRefusal ? '?' : ''));
    const decision = policy.next(kind, options.refused);
    if (decision.action !== 'reconnect') return [...made, decision.action];
    attempt = decision.attempt;
  }
  return made;
}

const ROWS: readonly (readonly [SslMode, FailureKind, readonly string[]])[] = [
  ['disable', 'error-response', ['plain', 'stop']],
  ['allow', 'error-response', ['plain', 'ssl', 'stop']],
  ['prefer', 'error-response', ['ssl?', 'plain', 'stop']],
  ['require', 'error-response', ['ssl', 'stop']],
  ['verify-ca', 'error-response', ['ssl', 'stop']],
  ['verify-full', 'error-response', ['ssl', 'stop']],
  ['prefer', 'tls', ['ssl?', 'plain', 'stop']],
  ['require', 'tls', ['ssl', 'stop']],
  ['allow', 'tls', ['plain', 'ssl', 'stop']],
  ['prefer', 'final', ['ssl?', 'stop']],
  ['prefer', 'cannot-connect-now', ['ssl?', 'next-host']],
  ['prefer', 'wrong-target', ['ssl?', 'next-host']],
  ['prefer', 'transport', ['ssl?', 'next-address']],
];

describe('ConnectionPolicy', () => {
  it.each(ROWS)('%s after %s', (sslmode, kind, expected) => {
    expect(attempts(sslmode, kind)).toEqual(expected);
  });

  it('does not try plain again when N already led there', () => {
    expect(attempts('prefer', 'error-response', { refused: true })).toEqual(['ssl?', 'stop']);
  });

  it('starts TLS without asking when told to, and never encrypts a Unix socket', () => {
    expect(attempts('require', 'tls', { direct: true })).toEqual(['direct', 'stop']);
    for (const sslmode of SSL_MODES)
      expect(attempts(sslmode, 'error-response', { unix: true })).toEqual(['plain', 'stop']);
  });

  it('checks as much as sslmode and the root certificate ask for', () => {
    const table = SSL_MODES.map((sslmode) => [
      sslmode,
      verification(sslmode, false),
      verification(sslmode, true),
    ]);
    expect(table).toEqual([
      ['disable', 'none', 'none'],
      ['allow', 'none', 'ca'],
      ['prefer', 'none', 'ca'],
      ['require', 'none', 'ca'],
      ['verify-ca', 'ca', 'ca'],
      ['verify-full', 'full', 'full'],
    ]);
  });
});
