import { codeName } from '../../errors';
import type { Command } from '../operation';
import { success } from '../status';

/** What became of the message before it, which had no answer (mongos `cluster_get_last_error_cmd.cpp`). Servers from 5.1 on have it no more. */
export const getLastError: Command = {
  name: 'getLastError',
  aliases: ['getlasterror'],
  requiresAuth: false,
  run({ client }, reply) {
    const { connectionId, lastError } = client;
    const failed = lastError.take();
    const error = failed
      ? { err: failed.message, code: failed.code, codeName: codeName(failed.code) }
      : { err: null };
    reply(success({ connectionId, n: 0, ...error }));
  },
};
