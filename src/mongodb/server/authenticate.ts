/** `authenticate` with its two mechanisms (mongos `src/mongo/db/commands/authentication_commands.cpp`). */
import { mongoCrKey } from '../../auth/mongodb-cr';
import { equalBytes, utf8Bytes } from '../../base/bytes';
import { MongoCode } from '../errors';
import type { Document } from '../wire/bson';
import { type BsonView, bsonValueText } from '../wire/bson-value';
import { logAuthentication } from './audit';
import type { User } from './authorization-manager';
import type { Operation, Reply } from './operation';
import { abandonSession, NO_KEY_FILE } from './sasl';
import { failure, type Result, success } from './status';
import { isInternal, principalOf, type UserName, userText } from './user-document';

/** What is never logged (`CmdAuthenticate::redactForLogging`). */
const REDACTED: ReadonlySet<string> = new Set(['key', 'nonce']);

/** `CmdAuthenticate::run`: picks mechanism and user, runs `_authenticate`, tells log and audit why and the client little. */
export function authenticate(operation: Operation, db: string, command: BsonView, reply: Reply): void {
  operation.log('ACCESS', `authenticate db: ${db} ${redacted(command)}`);
  const { options } = operation.service;
  const mechanism = command.string('mechanism') || 'MONGODB-CR';
  const subject = operation.client.tls?.peerSubject ?? '';
  const named = command.string('user');
  const user = mechanism === 'MONGODB-X509' && named === undefined ? subject : (named ?? '');
  const name = principalOf({ user, db }, options.testCommands);
  const how = command.has('mechanism') ? mechanism : `${mechanism} by default`;
  operation.stage('CmdAuthenticate::run', `${how}, ${userText(name)}`);
  dispatch(operation, mechanism, name, command, (result) => {
    if (result.ok) operation.client.authorization.add(result.value);
    logAuthentication(operation, mechanism, name, result.ok ? 0 : result.status.code);
    if (result.ok) {
      operation.log('ACCESS', `Successfully authenticated as principal ${userText(name)}`);
      reply(success<Document>({ dbname: name.db, user: name.user }));
      return;
    }
    const { code, message, reason, delayMs = 0 } = result.status;
    const { remote } = operation.client;
    operation.log(
      'ACCESS',
      `Failed to authenticate ${userText(name)} from client ${remote} with mechanism ${mechanism}: ${reason ?? message}`,
    );
    const shown = code === MongoCode.AUTHENTICATION_FAILED ? 'auth failed' : message;
    const sleep = delayMs + options.authFailedDelayMs;
    reply({ ok: false, status: { ...result.status, message: shown, delayMs: sleep } });
  });
}

/** The command in one line, without its secrets. */
function redacted({ bytes, elements }: BsonView): string {
  const fields = elements.slice(0, 20).map((span) => {
    const value = REDACTED.has(span.name) ? 'xxx' : bsonValueText(bytes, span, 100);
    return `${span.name.slice(0, 100)}: ${JSON.stringify(value)}`;
  });
  return `{ ${fields.join(', ')} }`;
}

const FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['MONGODB-CR', '_authenticateCR'],
  ['MONGODB-X509', '_authenticateX509'],
]);

/** `CmdAuthenticate::_authenticate`. */
function dispatch(
  operation: Operation,
  mechanism: string,
  name: UserName,
  command: BsonView,
  done: (result: Result<User>) => void,
): void {
  const function_ = FUNCTIONS.get(mechanism);
  operation.stage('CmdAuthenticate::_authenticate', function_ ?? `no mechanism ${mechanism.slice(0, 100)}`);
  if (mechanism === 'MONGODB-CR') {
    authenticateCr(operation, name, command, done);
  } else if (mechanism === 'MONGODB-X509') {
    authenticateX509(operation, name, done);
  } else {
    done(failure(MongoCode.BAD_VALUE, `Unsupported mechanism: ${mechanism}`));
  }
}

/** `CmdAuthenticate::_authenticateCR`, its order of checks and its sleeps. */
function authenticateCr(
  operation: Operation,
  name: UserName,
  command: BsonView,
  done: (result: Result<User>) => void,
): void {
  const { client, service } = operation;
  if (!service.allowsFor('MONGODB-CR', name)) {
    done(
      failure(
        MongoCode.BAD_VALUE,
        'Challenge-response authentication using getnonce and authenticate commands is disabled.',
      ),
    );
    return;
  }
  const key = command.string('key') ?? '';
  const nonce = command.string('nonce') ?? '';
  if (name.user === '' || key === '' || nonce === '') {
    const text = 'field missing/wrong type in received authenticate command';
    done(failure(MongoCode.PROTOCOL_ERROR, text, { delayMs: 10 }));
    return;
  }
  // The nonce is used up here, whatever comes of it.
  const session = client.authentication;
  abandonSession(operation);
  if (session?.kind !== 'nonce') {
    done(failure(MongoCode.PROTOCOL_ERROR, 'No pending nonce', { delayMs: 30 }));
    return;
  }
  if (session.nonce !== nonce) {
    done(authenticationFailed('Received wrong nonce.', 30));
    return;
  }
  operation.acquireUser(name, (result) => {
    const user = result.ok ? result.value : undefined;
    const digest = user?.document.credentials['MONGODB-CR'];
    // Computed for everybody: the time must not tell who exists.
    const expected = mongoCrKey(nonce, name.user, digest ?? NO_DIGEST);
    const matches = equalBytes(utf8Bytes(expected), utf8Bytes(key));
    if (!result.ok) {
      // Not the status itself: a client must not learn whether the user exists.
      done(authenticationFailed(result.status.message));
    } else if (digest !== undefined && matches) {
      done(success(result.value));
    } else {
      service.users.releaseUser(result.value);
      const missing = isInternal(name) ? NO_KEY_FILE : 'MONGODB-CR credentials missing in the user document';
      done(authenticationFailed(digest === undefined ? missing : 'key mismatch'));
    }
  });
}

/** In place of the digest of a user that has none; nothing is let in by it. */
const NO_DIGEST = '0'.repeat(32);

/** `CmdAuthenticate::_authenticateX509`. */
function authenticateX509(operation: Operation, name: UserName, done: (result: Result<User>) => void): void {
  const { client, service } = operation;
  if (!client.tls) {
    done(failure(MongoCode.PROTOCOL_ERROR, 'SSL support is required for the MONGODB-X509 mechanism.'));
  } else if (name.db !== '$external') {
    const text = 'X.509 authentication must always use the $external database.';
    done(failure(MongoCode.PROTOCOL_ERROR, text));
  } else if (!client.tls.peerSubject || client.tls.peerSubject !== name.user) {
    done(authenticationFailed('There is no x.509 client certificate matching the user.'));
  } else if (!service.allows('MONGODB-X509')) {
    done(failure(MongoCode.BAD_VALUE, 'x.509 authentication is disabled.'));
  } else {
    operation.acquireUser(name, (result) => {
      done(result.ok ? result : authenticationFailed(result.status.message));
    });
  }
}

function authenticationFailed(reason: string, delayMs = 0): Result<User> {
  return failure(MongoCode.AUTHENTICATION_FAILED, 'auth failed', { reason, delayMs });
}
