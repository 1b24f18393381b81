import type { Command } from '../operation';
import { success } from '../status';

export const buildInfo: Command = {
  name: 'buildInfo',
  aliases: ['buildinfo'],
  requiresAuth: false,
  run(operation, reply) {
    const { version } = operation.service.options;
    const versionArray = version.split('.').map(Number);
    reply(
      success({
        version,
        gitVersion: 'handshake-inspector-lab',
        modules: [],
        versionArray: [...versionArray, 0, 0, 0, 0].slice(0, 4),
        bits: 64,
        debug: false,
        maxBsonObjectSize: 16 * 1024 * 1024,
      }),
    );
  },
};
