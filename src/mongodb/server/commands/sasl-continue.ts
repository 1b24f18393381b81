import type { Command } from '../operation';
import { saslContinue as run } from '../sasl';

/** mongos `CmdSaslContinue`. */
export const saslContinue: Command = {
  name: 'saslContinue',
  requiresAuth: false,
  run: (operation, reply) => run(operation, operation.command, reply),
};
