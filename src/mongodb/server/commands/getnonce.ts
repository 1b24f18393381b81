import { hex } from '../../../base/bytes';
import type { Command } from '../operation';
import { abandonSession } from '../sasl';
import { success } from '../status';

/** mongos `CmdGetNonce`: a random 64-bit number in hexadecimal without leading zeros, good for one `authenticate`. */
export const getnonce: Command = {
  name: 'getnonce',
  requiresAuth: false,
  run(operation, reply) {
    abandonSession(operation);
    const nonce = hex(operation.service.options.random(8)).replace(/^0+(?=.)/, '');
    operation.client.authentication = { kind: 'nonce', nonce };
    reply(success({ nonce }));
  },
};
