import { parseClientFirst, parseServerFirst } from '../../auth/scram';
import { utf8 } from '../../base/bytes';
import { type RequestKind, saslPayload } from '../exchange';
import type { BsonView } from '../wire/bson-value';

/** One authentication as an observer sees it: what was claimed, and how far it came. */
export interface AuthAttempt {
  readonly mechanism: string;
  user: string | null;
  /** Authentication source. */
  readonly database: string;
  /** It rode in hello. */
  readonly speculative: boolean;
  readonly frames: number[];
  conversationId: number | null;
  iterations: number | null;
  /** SCRAM: the client's part of the nonce, to see that the server continues it. */
  clientNonce: string;
  nonceContinued: boolean;
  proofSent: boolean;
  /** The server's signature was seen. */
  signature: boolean;
  outcome: 'open' | 'ok' | 'failed' | 'dropped';
}

/** The attempt that a command begins; `undefined` for the commands that do not begin one. */
export function beginAttempt(
  kind: RequestKind,
  command: BsonView,
  database: string,
  frames: number | readonly number[],
): AuthAttempt | undefined {
  if (kind === 'hello') {
    const inner = command.document('speculativeAuthenticate');
    if (!inner) return undefined;
    // Some drivers leave out the database of a certificate's login: there is only one.
    const innerKind = inner.firstName.toLowerCase() === 'authenticate' ? 'authenticate' : 'saslStart';
    const source = inner.sharedString('db') ?? (innerKind === 'authenticate' ? '$external' : database);
    return newAttempt(innerKind, inner, source, frames, true);
  }
  if (kind !== 'authenticate' && kind !== 'saslStart') return undefined;
  return newAttempt(kind, command, database, frames, false);
}

function newAttempt(
  kind: 'authenticate' | 'saslStart',
  command: BsonView,
  database: string,
  frames: number | readonly number[],
  speculative: boolean,
): AuthAttempt {
  const mechanism = command.sharedString('mechanism') || (kind === 'authenticate' ? 'MONGODB-CR' : 'unknown');
  const attempt: AuthAttempt = {
    mechanism,
    user: command.sharedString('user') ?? null,
    database,
    speculative,
    frames: typeof frames === 'number' ? [frames] : [...frames],
    conversationId: null,
    iterations: null,
    clientNonce: '',
    nonceContinued: true,
    proofSent: kind === 'authenticate',
    signature: false,
    outcome: 'open',
  };
  if (kind === 'saslStart') readInitialPayload(attempt, saslPayload(command) ?? new Uint8Array(0));
  return attempt;
}

function readInitialPayload(attempt: AuthAttempt, payload: Uint8Array): void {
  if (attempt.mechanism.startsWith('SCRAM-')) {
    const { value } = parseClientFirst(payload);
    attempt.user = value.user || null;
    attempt.clientNonce = value.nonce;
  } else if (attempt.mechanism === 'PLAIN') {
    // RFC 4616: authorization identity, user and password between NULs.
    attempt.user = utf8(payload).split('\0')[1] || null;
    attempt.proofSent = true;
  }
}

/** Notes the frames of an answer; a number stands for itself alone. */
export function noteFrames(attempt: AuthAttempt, frames: number | readonly number[]): void {
  if (typeof frames === 'number') attempt.frames.push(frames);
  else attempt.frames.push(...frames.slice(0, FRAMES_OF_ANSWER));
}

/** Most frames noted of one answer. */
const FRAMES_OF_ANSWER = 4;

/** Takes in a successful saslStart or saslContinue reply. */
export function noteSaslReply(attempt: AuthAttempt, reply: BsonView): void {
  const payload = saslPayload(reply) ?? new Uint8Array(0);
  attempt.conversationId ??= reply.number('conversationId') ?? null;
  if (!attempt.mechanism.startsWith('SCRAM-')) return;
  if (payload[0] === 0x76 && payload[1] === 0x3d) {
    // `v=`
    attempt.signature = true;
    return;
  }
  const { value, issues } = parseServerFirst(payload);
  if (issues.length > 0) return;
  attempt.iterations = value.iterations;
  // The server must add a part of its own (RFC 5802 section 5.1).
  const { nonce } = value;
  attempt.nonceContinued = nonce.startsWith(attempt.clientNonce) && nonce.length > attempt.clientNonce.length;
}
