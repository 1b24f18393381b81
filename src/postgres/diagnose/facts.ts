import { millisBetween, type Side } from '../../base/mark';
import type { CauseDetails } from '../../diagnosis/cause';
import type { ConnectionFacts, Missing } from '../../diagnosis/facts';
import { goodbyeOf } from '../../diagnosis/goodbye';
import type { Rule } from '../../diagnosis/rules';
import type { WireEvidence } from '../../diagnosis/wire';
import type { Observed } from '../observer/observed';
import type { Phase } from '../phases';

/** What the rules about PostgreSQL read. */
export interface PostgresFacts extends ConnectionFacts {
  readonly observed: Observed;
  /** The last phase in which both were still talking; null when bytes are missing. */
  readonly phase: Phase | null;
}

export type PostgresRule = Rule<PostgresFacts>;

/** What the capture lacks; the first that applies. */
export function missingOf(observed: Observed, wire: WireEvidence): Missing | null {
  const unheard = unheardSide(observed, wire);
  if (unheard !== null) return { kind: 'direction', whose: unheard };
  const client = observed.missing.client;
  const server = observed.missing.server;
  if (client || server)
    return { kind: 'bytes', whose: client && server ? 'both' : client ? 'client' : 'server' };
  return observed.gap || observed.late ? { kind: 'beginning', whose: 'both' } : null;
}

/** The side of which there is no packet at all, though the other one shows that it was there. */
function unheardSide({ heard, missing, opened, accepted }: Observed, wire: WireEvidence): Side | null {
  if (wire.server.unheard) return 'server';
  if (wire.client.unheard) return 'client';
  if (heard.client && !heard.server && (missing.server || (opened && wire.client.bytes > 0))) return 'server';
  if (heard.server && !heard.client && (missing.client || accepted)) return 'client';
  return null;
}

/** Whose FIN or RST was the first: that alone blames nobody. Null while the connection is open. */
export function closedBy({ wire }: PostgresFacts): Side | null {
  return wire.closes[0]?.from ?? null;
}

/** Who ended the conversation, as far as the protocol tells: close_notify counts before FIN and RST. Null while it is open. */
export function endedBy(facts: PostgresFacts): Side | null {
  return goodbyeOf(facts)?.from ?? closedBy(facts);
}

/** Milliseconds from the last message, or the last bytes, to the end of the connection; null where a clock is missing. */
export function waitedBeforeEnd({ observed, wire }: PostgresFacts): number | null {
  const from = observed.lastMessage?.mark ?? lastBytes(wire);
  const to = wire.closes[0]?.mark ?? null;
  if (from === null || to === null) return null;
  return Math.max(0, millisBetween(from, to));
}

function lastBytes({ client, server, lastSpoke }: WireEvidence) {
  if (lastSpoke === null) return null;
  return lastSpoke === 'client' ? client.last : server.last;
}

/** `closed` or `reset`, for a sentence; absent for a plain close. */
export function howEnded({ wire }: PostgresFacts): 'reset' | undefined {
  return wire.closes[0]?.how === 'rst' ? 'reset' : undefined;
}

/** The error of version 1 for an end without a word. */
export function closedError(facts: PostgresFacts, by: Side, code: string, where = ''): CauseDetails {
  const how = howEnded(facts) ?? 'closed';
  return { error: { from: by, code, message: `the ${by} ${how} the connection${where}` } };
}

/** Messages as a sentence names them. */
const MESSAGES: Readonly<Record<string, string>> = {
  StartupMessage: 'the StartupMessage',
  PasswordMessage: 'the password of the client',
  SASLInitialResponse: 'the first SCRAM message of the client',
  SASLResponse: 'the SCRAM proof of the client',
  GSSResponse: 'the GSSAPI token of the client',
  'SSLResponse S': 'the answer S to SSLRequest',
  'SSLResponse N': 'the answer N to SSLRequest',
  'GSSENCResponse N': 'the answer N to GSSENCRequest',
  AuthenticationSASL: 'the request for SCRAM',
  AuthenticationSASLContinue: "the server's SCRAM challenge",
  AuthenticationMD5Password: 'the request for an md5 password',
  AuthenticationCleartextPassword: 'the request for a password',
  AuthenticationOk: 'the login was accepted',
};

export function lastMessageName({ observed, trace }: PostgresFacts): string {
  const name = observed.lastMessage?.name;
  if (trace.tls !== null && (name === undefined || name.startsWith('SSLResponse')))
    return 'the TLS handshake';
  if (name === undefined) return 'the connection was opened';
  return MESSAGES[name] ?? name;
}

/** What the client left after, and how long it had waited: also for the words of an alternative. */
export function leftAfter(facts: PostgresFacts) {
  return { after: lastMessageName(facts), waited: waitedBeforeEnd(facts) };
}

/** What the server said of the tokens that it takes. */
export function oauthParams({ observed }: PostgresFacts) {
  const { status, discovery, scope } = observed.oauth ?? {};
  return { status, discovery, scope };
}

/** The authentication that was asked for, as a sentence names it. */
export function methodName({ trace }: PostgresFacts): string {
  switch (trace.auth.mechanism) {
    case null:
      return 'an unknown method';
    case 'password':
      return 'a password';
    case 'gss':
      return 'GSSAPI (Kerberos)';
    case 'sspi':
      return 'SSPI (Kerberos)';
    default:
      return trace.auth.mechanism;
  }
}
