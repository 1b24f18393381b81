import type { Command } from '../operation';
import { success } from '../status';

/** This mongos has no shards, so no databases. */
export const listDatabases: Command = {
  name: 'listDatabases',
  requiresAuth: true,
  run: (_operation, reply) => reply(success({ databases: [], totalSize: 0, totalSizeMb: 0 })),
};
