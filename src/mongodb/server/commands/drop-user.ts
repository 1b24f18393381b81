import { MongoCode } from '../../errors';
import { logUserChange } from '../audit';
import type { Command } from '../operation';
import { failure, success } from '../status';
import { userText } from '../user-document';
import { bad, noStore } from './user-arguments';

/** mongod `CmdDropUser`. */
export const dropUser: Command = {
  name: 'dropUser',
  requiresAuth: true,
  run(operation, reply) {
    const { options, users } = operation.service;
    const user = operation.command.string('dropUser');
    if (!options.store) {
      reply(noStore('dropUser'));
    } else if (!user) {
      reply(bad('dropUser wants a user name'));
    } else {
      const name = { user, db: operation.database };
      const found = options.store.dropUser(name);
      if (found) {
        users.invalidateUserByName(name);
        logUserChange(operation, 'dropUser', name);
      }
      reply(found ? success({}) : failure(MongoCode.USER_NOT_FOUND, `User "${userText(name)}" not found`));
    }
  },
};
