/** From a request to the reply of its command (mongos `src/mongo/s/s_only.cpp`, `src/mongo/db/auth/authorization_session.cpp`). */
import { MongoCode } from '../errors';
import { logCommandAuthzCheck } from './audit';
import type { Command, Operation, Reply } from './operation';
import { findCommand } from './registry';
import { failure } from './status';
import { userText } from './user-document';

/** `AuthorizationSession::startRequest`: users that were invalidated are acquired again, or logged out. */
export function startRequest(operation: Operation, done: () => void): void {
  const { authorization } = operation.client;
  const stale = authorization.users.find((user) => !user.valid);
  if (!stale) {
    done();
    return;
  }
  operation.acquireUser(stale.name, (result) => {
    if (result.ok) {
      authorization.add(result.value);
      // One that was invalidated while it was fetched is used for this request, and looked at again by the next.
      if (!result.value.valid) {
        done();
        return;
      }
    } else {
      operation.log('ACCESS', `Removed ${userText(stale.name)}: ${result.status.message}`);
      authorization.logoutDatabase(stale.name.db);
    }
    startRequest(operation, done);
  });
}

/** `Command::runAgainstRegistered`. */
export function runAgainstRegistered(operation: Operation, reply: Reply): void {
  const name = operation.command.firstName.slice(0, 100);
  const command = findCommand(operation.command.firstName);
  operation.stage('Command::runAgainstRegistered', command ? command.name : `no command ${name}`);
  if (command) {
    execCommandClientBasic(operation, command, reply);
    return;
  }
  operation.log('COMMAND', `Command not found in registry: ${name}`);
  reply(failure(MongoCode.COMMAND_NOT_FOUND, `no such command: '${name}'`));
}

/** `Command::execCommandClientBasic`. */
function execCommandClientBasic(operation: Operation, command: Command, reply: Reply): void {
  const { client, service } = operation;
  const isRefused =
    command.requiresAuth && service.options.authorization && !client.authorization.isAuthenticated;
  const how = command.requiresAuth ? 'needs an authenticated client' : 'needs no authentication';
  operation.stage('Command::execCommandClientBasic', isRefused ? `${how}: refused` : how);
  if (isRefused) {
    logCommandAuthzCheck(operation, command.name, MongoCode.UNAUTHORIZED);
    reply(failure(MongoCode.UNAUTHORIZED, `command ${command.name} requires authentication`));
  } else {
    command.run(operation, reply);
  }
}
