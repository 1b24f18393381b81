import type { Command } from '../operation';
import { success } from '../status';

/** mongos `CmdLogout`: forgets the user of one database. */
export const logout: Command = {
  name: 'logout',
  requiresAuth: false,
  run(operation, reply) {
    const { client, database, service } = operation;
    client.authorization.logoutDatabase(database);
    // The counterpart of the internal user's login on admin.
    if (service.options.testCommands && database === 'admin') client.authorization.logoutDatabase('local');
    reply(success({}));
  },
};
