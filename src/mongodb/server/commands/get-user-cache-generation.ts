import { ObjectId } from 'bson';
import type { Command } from '../operation';
import { success } from '../status';
import { noStore } from './user-arguments';

/** mongod `CmdGetCacheGeneration`: changes with every change of a user, so that mongos can know without reading them. */
export const getUserCacheGeneration: Command = {
  name: '_getUserCacheGeneration',
  requiresAuth: true,
  run(operation, reply) {
    const { store } = operation.service.options;
    if (!store) {
      reply(noStore('_getUserCacheGeneration'));
      return;
    }
    const hex = store.generation.toString(16).padStart(24, '0');
    reply(success({ cacheGeneration: ObjectId.createFromHexString(hex) }));
  },
};
