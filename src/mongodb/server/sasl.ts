/** saslStart and saslContinue, as commands and as `speculativeAuthenticate` (mongos `src/mongo/db/auth/sasl_commands.cpp`). */
import { Binary } from 'bson';
import { toBase64 } from '../../auth/base64';
import type { ScramHash } from '../../auth/scram';
import { SCRAM_KEY_LENGTH, type ScramVerifier, verifierFromSalted } from '../../auth/scram-keys';
import { ScramServer } from '../../auth/scram-server';
import { utf8Bytes } from '../../base/bytes';
import { MongoCode } from '../errors';
import { saslPayload } from '../exchange';
import type { Document } from '../wire/bson';
import type { BsonView } from '../wire/bson-value';
import { logAuthentication } from './audit';
import { mockCredentials } from './mock-user';
import type { Operation, Reply } from './operation';
import type { SaslSession } from './session';
import { failure, type Result, success } from './status';
import { isInternal, principalOf, type StoredCredentials, type UserName, userText } from './user-document';
import { verifierOf } from './user-store';

/** Every server so far numbers the one conversation of a connection 1. */
const CONVERSATION_ID = 1;

/** Iterations of the credential made on the fly from a MONGODB-CR digest (`mixedModeScramIterationCount`). */
const MIXED_MODE_ITERATIONS = 5_000;

const SCRAM = { 'SCRAM-SHA-1': 'sha1', 'SCRAM-SHA-256': 'sha256' } as const satisfies Record<
  string,
  ScramHash
>;

type ScramName = keyof typeof SCRAM;

function isScram(mechanism: string): mechanism is ScramName {
  return Object.hasOwn(SCRAM, mechanism);
}

/** What the log says of the internal user where there is no key file. */
export const NO_KEY_FILE =
  'It is not possible to authenticate as the __system user on servers started without a --keyFile parameter';

/** Ends whatever authentication is under way and releases its user. */
export function abandonSession(operation: Pick<Operation, 'client' | 'service'>): void {
  const session = operation.client.authentication;
  operation.client.authentication = null;
  const user = session && session.kind !== 'nonce' ? session.user : undefined;
  if (user) operation.service.users.releaseUser(user);
}

/** `doSaslStart`: makes the session and takes the first step. */
export function saslStart(operation: Operation, db: string, command: BsonView, reply: Reply): void {
  abandonSession(operation);
  const mechanism = command.string('mechanism');
  if (mechanism === undefined) {
    reply(failure(MongoCode.NO_SUCH_KEY, 'Missing expected field "mechanism"'));
    return;
  }
  const { service, client } = operation;
  operation.stage('doSaslStart', `${mechanism.slice(0, 100)}, database ${db}`);
  // SCRAM-SHA-1 comes as far as its first step: it may be the internal user's.
  if (!isScram(mechanism) || !(service.allows(mechanism) || mechanism === 'SCRAM-SHA-1')) {
    reply(mechanismUnavailable(service.isModern, mechanism));
    return;
  }
  const payload = saslPayload(command);
  if (!payload) {
    reply(failure(MongoCode.NO_SUCH_KEY, 'Missing expected field "payload"'));
    return;
  }
  const hash = SCRAM[mechanism];
  const scram = new ScramServer({ hash, nonce: toBase64(service.options.random(24)) });
  const first = scram.handleClientFirst(payload);
  if (!first.ok) {
    reply(authenticationFailed(operation, mechanism, { user: '', db }, first.refusal.message));
    return;
  }
  const name = principalOf({ user: first.user, db }, service.options.testCommands);
  if (!service.allowsFor(mechanism, name)) {
    reply(mechanismUnavailable(service.isModern, mechanism));
    return;
  }
  operation.stage(`${mechanism} step 1`, userText(name));
  operation.acquireUser(name, (result) => {
    const user = result.ok ? result.value : undefined;
    const start = (verifier: ScramVerifier): void => {
      const skipEmptyExchange = command.document('options')?.truthy('skipEmptyExchange') ?? false;
      const session = { kind: 'sasl', conversationId: CONVERSATION_ID, mechanism, db, name, scram } as const;
      client.authentication = { ...session, skipEmptyExchange, user, proven: false };
      reply(success(saslReply(scram.serverFirst(verifier), false)));
    };
    if (!result.ok && result.status.code !== MongoCode.USER_NOT_FOUND) {
      reply(authenticationFailed(operation, mechanism, name, result.status.message));
      return;
    }
    if (user) client.authentication = { kind: 'starting', user };
    else
      operation.log('ACCESS', `${mechanism}: ${userText(name)} does not exist; the exchange goes on to fail`);
    const credentials = user?.document.credentials ?? mockCredentials(service, name);
    withVerifier(operation, mechanism, credentials, (verifier) => {
      if (verifier) {
        start(verifier);
        return;
      }
      abandonSession(operation);
      const reason = isInternal(name) ? NO_KEY_FILE : `the user has no ${mechanism} credentials`;
      reply(authenticationFailed(operation, mechanism, name, reason));
    });
  });
}

/**
 * The SCRAM credential among these. A user of an older schema has only the MONGODB-CR digest: SHA-1's is then made of it on the fly
 * (`SaslSCRAMSHA1ServerConversation::_firstStep`).
 */
function withVerifier(
  operation: Operation,
  mechanism: ScramName,
  credentials: StoredCredentials,
  done: (verifier: ScramVerifier | undefined) => void,
): void {
  const stored = credentials[mechanism];
  const digest = credentials['MONGODB-CR'];
  const hash = SCRAM[mechanism];
  if (stored) {
    done(verifierOf(hash, stored));
  } else if (mechanism === 'SCRAM-SHA-1' && digest) {
    const salt = operation.service.options.random(16);
    const password = utf8Bytes(digest);
    const iterations = MIXED_MODE_ITERATIONS;
    operation.derive({ hash, password, salt, iterations, length: SCRAM_KEY_LENGTH[hash] }, (key) => {
      done(verifierFromSalted(hash, key, salt, iterations));
    });
  } else {
    done(undefined);
  }
}

/** `CmdSaslContinue::run`. */
export function saslContinue(operation: Operation, command: BsonView, reply: Reply): void {
  const session = operation.client.authentication;
  if (session?.kind !== 'sasl') {
    abandonSession(operation);
    reply(failure(MongoCode.PROTOCOL_ERROR, 'No SASL session state found'));
    return;
  }
  const refuse = (code: number, message: string): void => {
    abandonSession(operation);
    reply(failure(code, message));
  };
  const { testCommands } = operation.service.options;
  if (session.db !== operation.database && !testCommands) {
    refuse(MongoCode.PROTOCOL_ERROR, 'Attempt to switch database target during SASL authentication.');
    return;
  }
  const conversationId = command.number('conversationId');
  if (conversationId === undefined) {
    refuse(MongoCode.NO_SUCH_KEY, 'Missing expected field "conversationId"');
    return;
  }
  if (conversationId !== session.conversationId) {
    refuse(MongoCode.PROTOCOL_ERROR, 'sasl: Mismatched conversation id');
    return;
  }
  const payload = saslPayload(command);
  if (!payload) {
    refuse(MongoCode.NO_SUCH_KEY, 'Missing expected field "payload"');
    return;
  }
  reply(step(operation, session, payload));
}

function step(operation: Operation, session: SaslSession, payload: Uint8Array): Result<Document> {
  operation.stage(`${session.mechanism} step ${session.proven ? 3 : 2}`, userText(session.name));
  if (session.proven) {
    authorize(operation, session);
    return success(saslReply(new Uint8Array(0), true));
  }
  const final = session.scram.handleClientFinal(payload);
  if (!final.ok || !session.user) {
    abandonSession(operation);
    const reason = final.ok ? 'the user does not exist' : final.refusal.message;
    return authenticationFailed(operation, session.mechanism, session.name, reason);
  }
  session.proven = true;
  if (session.skipEmptyExchange) authorize(operation, session);
  return success(saslReply(final.serverFinal, session.skipEmptyExchange));
}

/** The session's reference to the user passes to the connection. */
function authorize(operation: Operation, session: SaslSession): void {
  operation.client.authentication = null;
  if (session.user) operation.client.authorization.add(session.user);
  operation.log('ACCESS', `Successfully authenticated as principal ${userText(session.name)}`);
  logAuthentication(operation, session.mechanism, session.name, 0);
}

function saslReply(payload: Uint8Array, done: boolean): Document {
  return { conversationId: CONVERSATION_ID, done, payload: new Binary(payload) };
}

/** The one answer to everything that is wrong with user or password; the log knows which it was. */
function authenticationFailed(
  operation: Operation,
  mechanism: string,
  name: UserName,
  reason: string,
): Result<Document> {
  const who = userText(name);
  operation.log(
    'ACCESS',
    `${mechanism} authentication failed for ${who} from ${operation.client.remote}: ${reason}`,
  );
  logAuthentication(operation, mechanism, name, MongoCode.AUTHENTICATION_FAILED);
  const delayMs = operation.service.options.authFailedDelayMs;
  return failure(MongoCode.AUTHENTICATION_FAILED, 'Authentication failed.', { reason, delayMs });
}

function mechanismUnavailable(isModern: boolean, mechanism: string): Result<Document> {
  if (!isModern) return failure(MongoCode.BAD_VALUE, `Unsupported mechanism ${mechanism}`);
  return failure(
    MongoCode.MECHANISM_UNAVAILABLE,
    `Received authentication for mechanism ${mechanism} which is unknown or not enabled`,
  );
}
