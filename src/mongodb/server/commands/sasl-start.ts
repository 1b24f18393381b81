import type { Command } from '../operation';
import { saslStart as run } from '../sasl';

/** mongos `CmdSaslStart`. */
export const saslStart: Command = {
  name: 'saslStart',
  requiresAuth: false,
  run: (operation, reply) => run(operation, operation.database, operation.command, reply),
};
