import { authenticate as run } from '../authenticate';
import type { Command } from '../operation';

/** mongos `CmdAuthenticate`. Its arguments are never logged. */
export const authenticate: Command = {
  name: 'authenticate',
  requiresAuth: false,
  run: (operation, reply) => run(operation, operation.database, operation.command, reply),
};
