import type { Command } from '../operation';
import { success } from '../status';

export const ping: Command = {
  name: 'ping',
  requiresAuth: false,
  run: (_operation, reply) => reply(success({})),
};
