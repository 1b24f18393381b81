/** Tells offline, from what crossed the wire, whether an authentication was made with a given password. */
import { mongoCrKey, mongoPasswordDigest } from '../../auth/mongodb-cr';
import { matchingVariant } from '../../auth/password-variants';
import { mongoSha256Password } from '../../auth/saslprep';
import { parseClientFirst, parseServerFirst } from '../../auth/scram';
import { checkRecorded, type RecordedScram, SCRAM_KEY_LENGTH } from '../../auth/scram-keys';
import { utf8, utf8Bytes } from '../../base/bytes';
import type { Side } from '../../base/mark';
import type { Trace } from '../../trace/model';
import { isServerFinal, requestKind, saslPayload, unwrapQuery } from '../exchange';
import type { Derive } from '../server/user-store';
import { BsonView } from '../wire/bson-value';
import { bodyOf } from '../wire/message-reader';
import { parseHeader, parseMessage } from '../wire/wire';

/** A whole message as it was on the wire (or inside TLS): the bytes of a step. */
export interface RecordedMessage {
  readonly from: Side;
  readonly bytes: Uint8Array;
}

export interface PasswordCheck {
  readonly mechanism: string;
  readonly user: string;
  /** The client computed its proof or key from this password. */
  readonly client: boolean;
  /** The server's signature was computed from it; null where the mechanism has none or the server sent none. */
  readonly server: boolean | null;
  /** Set where `client` is false: what the password differs in from the one that was used, or that it is empty. */
  readonly note?: string;
}

/** Whether a trace came as far as something that a password can be compared with; its messages have the rest. */
export function hasPasswordProof({ protocol, auth, steps }: Trace): boolean {
  if (protocol !== 'mongodb' || !/^(SCRAM-SHA-|MONGODB-CR$)/.test(auth.mechanism ?? '')) return false;
  return steps.some(({ from, message }) => from === 'client' && PROOFS.has(message));
}

/** The messages that carry a proof or key. */
const PROOFS: ReadonlySet<string> = new Set(['saslContinue', 'authenticate']);

/** Iterations that are computed without asking: PBKDF2 for one second or so. */
const MAX_ITERATIONS = 1_000_000;

interface Exchange {
  readonly mechanism: string;
  clientFirst?: Uint8Array;
  serverFirst?: Uint8Array;
  clientFinal?: Uint8Array;
  serverFinal?: Uint8Array;
  authenticate?: { readonly user: string; readonly nonce: string; readonly key: string };
}

/**
 * Checks the last authentication of a conversation that came as far as a proof.
 *
 * @returns undefined where there is none, its mechanism proves nothing (X.509, PLAIN), or what is needed was not recorded
 */
export async function checkMongoPassword(
  messages: readonly RecordedMessage[],
  password: string,
  derive: Derive,
): Promise<PasswordCheck | undefined> {
  const exchange = findExchange(messages);
  if (!exchange) return undefined;
  const comparison = comparisonOf(exchange, derive);
  if (!comparison) return undefined;
  const { mechanism } = exchange;
  const { user, iterations, compare } = comparison;
  const result = await compare(password);
  // A password that SASLprep does not take was not used.
  const { client, server } = result ?? { client: false, server: null };
  const check = { mechanism, user, client, server };
  if (client) return check;
  if (password === '') return { ...check, note: EMPTY };
  const variant = await matchingVariant(
    password,
    iterations,
    async (candidate) => (await compare(candidate))?.client === true,
  );
  if (variant) return { ...check, note: variant.difference };
  return result ? check : undefined;
}

const EMPTY = 'empty';

interface Comparison {
  readonly user: string;
  readonly iterations: number;
  compare(password: string): Promise<Pick<PasswordCheck, 'client' | 'server'> | undefined>;
}

/** How a password is compared with what was recorded; undefined where what is needed was not. */
function comparisonOf(exchange: Exchange, derive: Derive): Comparison | undefined {
  if (exchange.authenticate) {
    const { user, nonce, key } = exchange.authenticate;
    const compare = (password: string) =>
      Promise.resolve({
        client: mongoCrKey(nonce, user, mongoPasswordDigest(user, password)) === key,
        server: null,
      });
    return { user, iterations: 1, compare };
  }
  const { mechanism, clientFirst, serverFirst, clientFinal, serverFinal } = exchange;
  if (!clientFirst || !serverFirst || !clientFinal) return undefined;
  const hash = mechanism === 'SCRAM-SHA-1' ? 'sha1' : 'sha256';
  const { user } = parseClientFirst(clientFirst).value;
  const { salt, iterations } = parseServerFirst(serverFirst).value;
  if (!(iterations >= 1) || iterations > MAX_ITERATIONS) return undefined;
  const length = SCRAM_KEY_LENGTH[hash];
  const recorded: RecordedScram = { hash, clientFirst, serverFirst, clientFinal, serverFinal };
  return {
    user,
    iterations,
    async compare(password) {
      const prepared = preparedPassword(hash, user, password);
      if (prepared === undefined) return undefined;
      const salted = await derive({ hash, password: utf8Bytes(prepared), salt, iterations, length });
      const { proof, signature } = checkRecorded(recorded, salted);
      return { client: proof, server: signature };
    },
  };
}

function preparedPassword(hash: 'sha1' | 'sha256', user: string, password: string): string | undefined {
  if (hash === 'sha1') return mongoPasswordDigest(user, password);
  const prepared = mongoSha256Password(password);
  return prepared.ok ? prepared.text : undefined;
}

function findExchange(messages: readonly RecordedMessage[]): Exchange | undefined {
  let current: Exchange | undefined;
  let proved: Exchange | undefined;
  for (const { from, bytes } of messages) {
    const document = documentOf(bytes);
    if (!document) continue;
    if (from === 'server') {
      noteReply(current, document);
      continue;
    }
    current = noteRequest(current, document);
    if (current?.clientFinal || current?.authenticate) proved = current;
  }
  return proved;
}

function documentOf(bytes: Uint8Array): BsonView | undefined {
  const result = parseHeader(bytes);
  if (result.kind !== 'header') return undefined;
  const body = bodyOf(parseMessage(bytes, result.header).value);
  return body && unwrapQuery(BsonView.of(bytes, body));
}

/** The exchange that goes on after this command. */
function noteRequest(current: Exchange | undefined, command: BsonView): Exchange | undefined {
  switch (requestKind(command.firstName).kind) {
    case 'hello': {
      const speculative = command.document('speculativeAuthenticate');
      return speculative?.firstName === 'saslStart' ? begin(speculative) : current;
    }
    case 'saslStart':
      return begin(command);
    case 'saslContinue':
      // The last one of a long exchange is empty.
      if (current && !current.clientFinal) current.clientFinal = saslPayload(command);
      return current;
    case 'getnonce':
      return { mechanism: 'MONGODB-CR' };
    case 'authenticate': {
      const [user, nonce, key] = ['user', 'nonce', 'key'].map((name) => command.string(name));
      if (current === undefined || !user || !nonce || !key) return undefined;
      current.authenticate = { user, nonce, key };
      return current;
    }
    default:
      return current;
  }
}

function begin(saslStart: BsonView): Exchange | undefined {
  const mechanism = saslStart.string('mechanism') ?? '';
  const clientFirst = saslPayload(saslStart);
  return mechanism.startsWith('SCRAM-SHA-') && clientFirst ? { mechanism, clientFirst } : undefined;
}

function noteReply(current: Exchange | undefined, reply: BsonView): void {
  if (!current) return;
  const payload = saslPayload(reply.document('speculativeAuthenticate') ?? reply);
  if (!payload) return;
  if (isServerFinal(payload)) current.serverFinal ??= payload;
  else if (utf8(payload.subarray(0, 2)) === 'r=') current.serverFirst ??= payload;
}

/** What a check comes to, for a person; it does not hold the password. */
export function mongoCheckSentence({ mechanism, user, client, server, note }: PasswordCheck): string {
  const login = `${mechanism} login of ${user || 'an unnamed user'}`;
  if (note === EMPTY) return `The password that was given is empty; the ${login} was made with another one.`;
  if (note !== undefined) return `This password is right but for ${note} (${login}).`;
  if (!client) return `This password was not used: the ${login} was made with another one.`;
  if (server === true) return `This password is right: client and server proved it in the ${login}.`;
  return `This password was used by the client in the ${login}; the server gave no proof that it is right.`;
}
