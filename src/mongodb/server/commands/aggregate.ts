import { Long } from 'bson';
import { MongoCode } from '../../errors';
import type { Command } from '../operation';
import { failure, success } from '../status';

/** mongosh counts the documents of `admin.atlascli` before it is ready. This mongos has no shards, so no collection has documents. */
export const aggregate: Command = {
  name: 'aggregate',
  requiresAuth: true,
  run({ command, database }, reply) {
    const collection = command.string('aggregate');
    if (collection) {
      reply(success({ cursor: { id: Long.ZERO, ns: `${database}.${collection}`, firstBatch: [] } }));
    } else {
      reply(failure(MongoCode.COMMAND_NOT_SUPPORTED, 'This server keeps users and no data.'));
    }
  },
};
