import type { Command } from '../operation';
import { success } from '../status';

/** The client's own address as the server sees it; shells ask for it. */
export const whatsmyuri: Command = {
  name: 'whatsmyuri',
  requiresAuth: false,
  run: (operation, reply) => reply(success({ you: operation.client.remote })),
};
