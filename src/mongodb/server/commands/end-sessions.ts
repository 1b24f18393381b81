import type { Command } from '../operation';
import { success } from '../status';

/** Drivers end their logical sessions when they close; nothing is kept for them here. */
export const endSessions: Command = {
  name: 'endSessions',
  requiresAuth: false,
  run: (_operation, reply) => reply(success({})),
};
