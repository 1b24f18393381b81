import { Binary } from 'bson';
import { utf8Bytes } from '../../base/bytes';
import type { BsonView } from '../wire/bson-value';
import { type AuthStep, type Credentials, type MechanismClient, refuse } from './mechanism';

/** PLAIN (RFC 4616), for LDAP: user and password as they are, so only over TLS. */
export class PlainClient implements MechanismClient {
  readonly mechanism = 'PLAIN';

  constructor(private readonly credentials: Credentials) {}

  start(): AuthStep {
    const payload = utf8Bytes(`\0${this.credentials.user}\0${this.credentials.password}`);
    return {
      type: 'send',
      kind: 'saslStart',
      command: { saslStart: 1, mechanism: this.mechanism, payload: new Binary(payload), autoAuthorize: 1 },
    };
  }

  handleReply(reply: BsonView): AuthStep {
    if (reply.truthy('done')) return { type: 'done' };
    return refuse(
      'MONGO_SASL_NOT_DONE',
      'the server wants to go on after PLAIN',
      'done: true',
      'done: false',
    );
  }

  handleDerived(): AuthStep {
    return refuse('MONGO_UNEXPECTED_KEY', 'PLAIN derives no key');
  }
}
