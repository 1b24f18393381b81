import { type AuthStep, type Credentials, type MechanismClient, refuse } from './mechanism';

/** MONGODB-X509: the certificate of the TLS handshake is the credential; `user` is its subject, optional from server 3.4. */
export class X509Client implements MechanismClient {
  readonly mechanism = 'MONGODB-X509';

  constructor(private readonly credentials: Pick<Credentials, 'user'>) {}

  start(): AuthStep {
    const user = this.credentials.user || undefined;
    return {
      type: 'send',
      kind: 'authenticate',
      command: { authenticate: 1, mechanism: this.mechanism, user },
    };
  }

  handleReply(): AuthStep {
    return { type: 'done' };
  }

  handleDerived(): AuthStep {
    return refuse('MONGO_UNEXPECTED_KEY', 'MONGODB-X509 derives no key');
  }
}
