/** `authenticate` with its two mechanisms (mongos `src/mongo/db/commands/authentication_commands.cpp`). */
import { mongoCrKey } from '../../auth/mongodb-cr';
import { equalBytes, utf8Bytes } from '../../base/bytes';
import type { Document } from '../bson';
import type { BsonView } from '../bson-value';
import { MongoCode } from '../errors';
import type { User } from './authorization-manager';
import type { Operation, Reply } from './operation';
import { abandonSession } from './sasl';
import { failure, type Result, success } from './status';
import { type UserName, userText } from './user-document';

/** `CmdAuthenticate::run`: picks mechanism and user, runs `_authenticate`, tells the log why and the client little. */
export function authenticate(operation: Operation, db: string, command: BsonView, reply: Reply): void {
  const mechanism = command.string('mechanism') || 'MONGODB-CR';
  const subject = operation.client.tls?.peerSubject ?? '';
  const named = command.string('user');
  const user = mechanism === 'MONGODB-X509' && named === undefined ? subject : (named ?? '');
  const name = { user, db };
  dispatch(operation, mechanism, name, command, (result) => {
    if (result.ok) {
      operation.client.authorization.add(result.value);
      operation.log('ACCESS', `Successfully authenticated as principal ${userText(name)}`);
      reply(success<Document>({ dbname: db, user }));
      return;
    }
    const { code, message, reason } = result.status;
    const { remote } = operation.client;
    operation.log(
      'ACCESS',
      `Failed to authenticate ${userText(name)} from client ${remote} with mechanism ${mechanism}: ${reason ?? message}`,
    );
    const shown = code === MongoCode.AUTHENTICATION_FAILED ? 'auth failed' : message;
    reply({ ok: false, status: { ...result.status, message: shown } });
  });
}

/** `CmdAuthenticate::_authenticate`. */
function dispatch(
  operation: Operation,
  mechanism: string,
  name: UserName,
  command: BsonView,
  done: (result: Result<User>) => void,
): void {
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
  if (!service.allows('MONGODB-CR')) {
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
    if (!result.ok) {
      // Not the status itself: a client must not learn whether the user exists.
      done(authenticationFailed(result.status.message));
      return;
    }
    const user = result.value;
    const digest = user.document.credentials['MONGODB-CR'];
    const reason =
      digest === undefined
        ? 'MONGODB-CR credentials missing in the user document'
        : equalBytes(utf8Bytes(mongoCrKey(nonce, name.user, digest)), utf8Bytes(key))
          ? undefined
          : 'key mismatch';
    if (reason === undefined) {
      done(success(user));
      return;
    }
    service.users.releaseUser(user);
    done(authenticationFailed(reason));
  });
}

/** `CmdAuthenticate::_authenticateX509`. */
function authenticateX509(operation: Operation, name: UserName, done: (result: Result<User>) => void): void {
  const { client, service } = operation;
  if (!client.tls) {
    done(failure(MongoCode.PROTOCOL_ERROR, 'SSL support is required for the MONGODB-X509 mechanism.'));
  } else if (name.db !== '$external') {
    const text = 'X.509 authentication must always use the $external database.';
    done(failure(MongoCode.PROTOCOL_ERROR, text));
  } else if (!service.allows('MONGODB-X509')) {
    done(failure(MongoCode.BAD_VALUE, 'x.509 authentication is disabled.'));
  } else if (!client.tls.peerSubject || client.tls.peerSubject !== name.user) {
    done(authenticationFailed('There is no x.509 client certificate matching the user.'));
  } else {
    operation.acquireUser(name, (result) => {
      done(result.ok ? result : authenticationFailed(result.status.message));
    });
  }
}

function authenticationFailed(reason: string, delayMs = 0): Result<User> {
  return failure(MongoCode.AUTHENTICATION_FAILED, 'auth failed', { reason, delayMs });
}
