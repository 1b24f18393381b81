import type { Command } from '../operation';
import { success } from '../status';

export const getLastError: Command = {
  name: 'getLastError',
  aliases: ['getlasterror'],
  requiresAuth: false,
  run: (operation, reply) => reply(success({ connectionId: operation.client.connectionId, n: 0, err: null })),
};
