import type { Observation } from './events';

export type Oracle = 'libpq 18' | 'libpq 15';

/** A way in which our client is meant to differ from libpq. */
export interface Difference {
  /** First column of its row in ARCHITECTURE.md, `How we differ from libpq and mongos`. */
  readonly id: string;
  /** Names of the combinations. */
  readonly combinations: RegExp;
  /** Only from this libpq; else from both. */
  readonly oracle?: Oracle;
  readonly reason: string;
  /** How both sides look, outcome and events joined by `; `: another difference in the same combination is not excused. */
  readonly real: RegExp;
  readonly mine: RegExp;
}

/** Every deliberate difference. The test fails on one that is not here, and on one here that no longer occurs. */
export const DIFFERENCES: readonly Difference[] = [
  {
    id: '`sslmode=allow` after `N`',
    combinations: /^off1[58]: sslmode=allow, (hostssl_scram|unlisted)$/,
    oracle: 'libpq 15',
    reason:
      'Under sslmode=allow libpq before 17 goes on in the clear after N, although that has failed already; ours stops as 17 and 18 do.',
    real: /^failed; .*SSLResponse N; client StartupMessage: [^;]*; server ErrorResponse 28000$/,
    mine: /^failed; .*SSLResponse N$/,
  },
  {
    id: 'certificate refused by the client, TLS 1.2',
    combinations: /^tls12: .*another authority$/,
    reason:
      'In TLS 1.2 Node tells that a certificate does not verify only when the handshake is done: the connection is closed without an alert.',
    real: /SSLResponse S; client Alert fatal: unknown_ca(;|$)/,
    mine: /SSLResponse S; TLS established \(TLSv1\.2\)(; connects|$)/,
  },
  {
    id: 'certificate with several errors',
    combinations: /^expired18: .*sslrootcert=otherRoot$/,
    reason:
      'Of a chain with several errors libpq stops at the first and Node tells the last: expired instead of unknown authority.',
    real: /client Alert fatal: unknown_ca(;|$)/,
    mine: /client Alert fatal: certificate_expired(;|$)/,
  },
  {
    id: 'a wrong file name in `sslcrldir`',
    combinations: /^revoked18: sslmode=verify-(ca|full), sslcrldir=misnamed$/,
    reason:
      'OpenSSL looks for a list by the hash of its issuer in the name of the file; ours reads every list of the folder that has such a name.',
    real: /^failed; .*client Alert fatal: unknown_ca$/,
    mine: /^ready; /,
  },
  {
    id: 'GSS encryption',
    combinations: /gssencmode=require/,
    oracle: 'libpq 15',
    reason:
      'This libpq has GSSAPI and looks for a ticket; ours says at once that it has none, as a libpq without does.',
    real: /^failed; connects to on18$/,
    mine: /^failed$/,
  },
  {
    id: 'numbers such as `connect_timeout`',
    combinations: /(connect_timeout|keepalives|keepalives_idle|tcp_user_timeout)=(bogus|99999999999)$/,
    reason: 'libpq reads these numbers when the connection is open already; ours refuses to begin.',
    real: /^failed; connects to on18$/,
    mine: /^failed$/,
  },
  {
    id: 'bytes after `S`',
    combinations: /^script bytes after S: sslmode=prefer$/,
    reason:
      'libpq looks for bytes after S when the TLS handshake is done; when that fails, which an attacker can see to, it goes on in the clear. Ours stops at the first such byte.',
    real: /^ready; .*Unencrypted surplus; connects to bytes after S; client StartupMessage/,
    mine: /^failed; .*Unencrypted surplus$/,
  },
  {
    id: 'bytes with `N`',
    combinations: /^script bytes after N: sslmode=prefer$/,
    reason: 'libpq reads what came with N when more comes, ours at once: here nothing more comes.',
    real: /^failed; .*SSLResponse N; server AuthenticationOk;/,
    mine: /^ready; .*SSLResponse N; server AuthenticationOk;/,
  },
  {
    id: 'a second password request',
    combinations: /^script password(, then md5| twice): sslmode=(disable|prefer)$/,
    reason:
      'libpq answers as many password requests as the server makes; no PostgreSQL makes two, and ours gives the password once.',
    real: /^ready; .*(PasswordMessage;.*){2}/,
    mine: /^failed; .*PasswordMessage; server Authentication\w+Password$/,
  },
  {
    id: 'rows before ReadyForQuery',
    combinations: /^script Ok, then rows: sslmode=(disable|prefer)$/,
    reason: 'libpq passes over rows without a query; ours says that this is no start of a session.',
    real: /^ready; .*server DataRow; .*ReadyForQuery$/,
    mine: /^failed; .*server DataRow(;|$)/,
  },
];

/** The entry that explains why the two are not the same, if there is one. */
export function listedDifference(
  name: string,
  oracle: Oracle,
  real: Observation,
  mine: Observation,
): Difference | undefined {
  return DIFFERENCES.find(
    (difference) =>
      difference.combinations.test(name) &&
      (difference.oracle === undefined || difference.oracle === oracle) &&
      difference.real.test(inOneLine(real)) &&
      difference.mine.test(inOneLine(mine)),
  );
}

function inOneLine({ outcome, events }: Observation): string {
  return [outcome, ...events].join('; ');
}
