import { MongoCode } from '../../errors';
import type { Command } from '../operation';
import { failure, success } from '../status';
import { userText } from '../user-document';
import { storeUser } from './store-user';
import { bad, noStore, userArguments } from './user-arguments';

/** mongod `CmdUpdateUser`: what is not given stays. */
export const updateUser: Command = {
  name: 'updateUser',
  requiresAuth: true,
  run(operation, reply) {
    const { store } = operation.service.options;
    const given = userArguments(operation, 'updateUser');
    if (!store) {
      reply(noStore('updateUser'));
    } else if (!given.ok) {
      reply(given);
    } else if (given.value.password === undefined && given.value.roles === undefined) {
      reply(bad('Must specify at least one field to update in updateUser'));
    } else if (!store.find(given.value.name)) {
      reply(failure(MongoCode.USER_NOT_FOUND, `User "${userText(given.value.name)}" not found`));
    } else {
      storeUser(operation, store, given.value, (result) => reply(result.ok ? success({}) : result));
    }
  },
};
