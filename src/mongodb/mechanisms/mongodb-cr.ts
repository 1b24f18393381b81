import { mongoCrKey, mongoPasswordDigest } from '../../auth/mongodb-cr';
import type { BsonView } from '../wire/bson-value';
import { type AuthStep, type Credentials, type MechanismClient, refuse } from './mechanism';

/** MONGODB-CR: getnonce, then `authenticate` with md5 over nonce, user and password digest. */
export class MongoCrClient implements MechanismClient {
  readonly mechanism = 'MONGODB-CR';
  #nonce: string | undefined;

  constructor(private readonly credentials: Credentials) {}

  start(): AuthStep {
    return { type: 'send', kind: 'getnonce', command: { getnonce: 1 } };
  }

  handleReply(reply: BsonView): AuthStep {
    if (this.#nonce !== undefined) return { type: 'done' };
    const nonce = reply.string('nonce');
    if (!nonce) return refuse('MONGO_NO_NONCE', 'the getnonce reply has no nonce', 'nonce: string', 'none');
    this.#nonce = nonce;
    const { user, password } = this.credentials;
    const key = mongoCrKey(nonce, user, mongoPasswordDigest(user, password));
    return { type: 'send', kind: 'authenticate', command: { authenticate: 1, user, nonce, key } };
  }

  handleDerived(): AuthStep {
    return refuse('MONGO_UNEXPECTED_KEY', 'MONGODB-CR derives no key');
  }
}
