import { MongoCode } from '../../errors';
import type { Command } from '../operation';
import { failure, success } from '../status';
import { userText } from '../user-document';
import { storeUser } from './store-user';
import { bad, noStore, userArguments } from './user-arguments';

/** mongod `CmdCreateUser`. */
export const createUser: Command = {
  name: 'createUser',
  requiresAuth: true,
  run(operation, reply) {
    const { store } = operation.service.options;
    const given = userArguments(operation, 'createUser');
    if (!store) {
      reply(noStore('createUser'));
    } else if (!given.ok) {
      reply(given);
    } else if (given.value.roles === undefined) {
      reply(bad('"createUser" command requires a "roles" array'));
    } else if (given.value.password === undefined && operation.database !== '$external') {
      reply(
        bad(
          "Must provide a 'pwd' field for all user documents, except those with '$external' as the user's source db",
        ),
      );
    } else if (store.find(given.value.name)) {
      const text = `User "${userText(given.value.name)}" already exists`;
      reply(failure(MongoCode.USER_ALREADY_EXISTS, text));
    } else {
      storeUser(operation, store, given.value, (result) => reply(result.ok ? success({}) : result));
    }
  },
};
