import type { Command } from '../operation';
import { success } from '../status';

export const connectionStatus: Command = {
  name: 'connectionStatus',
  requiresAuth: false,
  run(operation, reply) {
    const users = operation.client.authorization.users;
    reply(
      success({
        authInfo: {
          authenticatedUsers: users.map(({ name }) => ({ user: name.user, db: name.db })),
          authenticatedUserRoles: users.flatMap((user) => [...user.document.roles]),
        },
      }),
    );
  },
};
