import type { Command } from '../operation';
import { success } from '../status';

/** mongos `CmdLogout`: forgets the user of one database. */
export const logout: Command = {
  name: 'logout',
  requiresAuth: false,
  run(operation, reply) {
    operation.client.authorization.logoutDatabase(operation.database);
    reply(success({}));
  },
};
