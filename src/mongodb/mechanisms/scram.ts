import { Binary } from 'bson';
import { toBase64 } from '../../auth/base64';
import { mongoPasswordDigest } from '../../auth/mongodb-cr';
import { mongoSha256Password } from '../../auth/saslprep';
import { ScramClient } from '../../auth/scram-client';
import { SCRAM_KEY_LENGTH } from '../../auth/scram-keys';
import { utf8Bytes } from '../../base/bytes';
import { saslPayload } from '../exchange';
import type { BsonView } from '../wire/bson-value';
import { type AuthStep, byteOf, type Credentials, type MechanismClient, refuse } from './mechanism';

/** Bytes of randomness in a nonce, as the drivers take. */
const NONCE_BYTES = 24;

type Stage = 'first' | 'deriving' | 'final' | 'last';

/**
 * SCRAM-SHA-1 and SCRAM-SHA-256 as the driver authentication specification wants them: at least 4,096 iterations, the nonce and
 * the server's signature checked, `skipEmptyExchange` asked for and its absence tolerated.
 */
export class ScramMechanism implements MechanismClient {
  readonly #scram: ScramClient;
  #stage: Stage = 'first';
  #conversationId: number | undefined;

  constructor(
    readonly mechanism: 'SCRAM-SHA-1' | 'SCRAM-SHA-256',
    private readonly credentials: Credentials,
  ) {
    this.#scram = new ScramClient({
      hash: this.#hash,
      user: credentials.user,
      nonce: toBase64(credentials.random(NONCE_BYTES)),
      minIterations: credentials.minIterations,
      maxIterations: credentials.maxIterations,
    });
  }

  get #hash(): 'sha1' | 'sha256' {
    return this.mechanism === 'SCRAM-SHA-1' ? 'sha1' : 'sha256';
  }

  start(): AuthStep {
    const payload = new Binary(this.#scram.clientFirst());
    return {
      type: 'send',
      kind: 'saslStart',
      command: {
        saslStart: 1,
        mechanism: this.mechanism,
        payload,
        autoAuthorize: 1,
        options: { skipEmptyExchange: true },
      },
    };
  }

  handleReply(reply: BsonView): AuthStep {
    const payload = saslPayload(reply);
    const id = reply.number('conversationId');
    if (payload === undefined || id === undefined) {
      const missing = payload === undefined ? 'payload' : 'conversationId';
      return refuse('MONGO_SASL_FIELD', `the SASL reply has no ${missing}`, missing, 'none');
    }
    if (this.#conversationId !== undefined && id !== this.#conversationId) {
      return refuse(
        'MONGO_CONVERSATION_ID',
        `the SASL reply belongs to another conversation${byteOf(reply, 'conversationId')}`,
        String(this.#conversationId),
        String(id),
      );
    }
    this.#conversationId = id;
    switch (this.#stage) {
      case 'first':
        return this.#handleServerFirst(payload, reply.truthy('done'));
      case 'final':
        return this.#handleServerFinal(payload, reply.truthy('done'));
      case 'last':
        if (reply.truthy('done')) return { type: 'done' };
        return refuse(
          'MONGO_SASL_NOT_DONE',
          `the server does not end the SASL conversation${byteOf(reply, 'done')}`,
          'done: true',
          'done: false',
        );
      case 'deriving':
        return refuse('MONGO_SASL_ORDER', 'a SASL reply came while none was asked for');
      default: {
        const never: never = this.#stage;
        return never;
      }
    }
  }

  #handleServerFirst(payload: Uint8Array, done: boolean): AuthStep {
    if (done) {
      return refuse(
        'MONGO_SASL_SKIPPED',
        'the server ended SCRAM before any proof',
        'done: false',
        'done: true',
      );
    }
    const result = this.#scram.handleServerFirst(payload);
    if (!result.ok) return { type: 'fail', error: result.error };
    const password = this.#preparedPassword();
    if (password === undefined) {
      return refuse(
        'MONGO_SASLPREP',
        'SASLprep refuses the password: it has a character that SCRAM-SHA-256 forbids',
      );
    }
    this.#stage = 'deriving';
    const { salt, iterations } = result;
    const hash = this.#hash;
    return { type: 'derive', hash, password, salt, iterations, length: SCRAM_KEY_LENGTH[hash] };
  }

  /** SHA-1 uses the MONGODB-CR digest, without SASLprep; SHA-256 the prepared password. */
  #preparedPassword(): Uint8Array | undefined {
    const { user, password } = this.credentials;
    if (this.mechanism === 'SCRAM-SHA-1') return utf8Bytes(mongoPasswordDigest(user, password));
    const prepared = mongoSha256Password(password);
    return prepared.ok ? utf8Bytes(prepared.text) : undefined;
  }

  handleDerived(key: Uint8Array): AuthStep {
    if (this.#stage !== 'deriving') return refuse('MONGO_UNEXPECTED_KEY', 'no key was asked for');
    this.#stage = 'final';
    return this.#continueWith(this.#scram.finish(key));
  }

  #handleServerFinal(payload: Uint8Array, done: boolean): AuthStep {
    const error = this.#scram.handleServerFinal(payload);
    if (error) return { type: 'fail', error };
    if (done) return { type: 'done' };
    this.#stage = 'last';
    return this.#continueWith(new Uint8Array(0));
  }

  #continueWith(payload: Uint8Array): AuthStep {
    return {
      type: 'send',
      kind: 'saslContinue',
      command: { saslContinue: 1, conversationId: this.#conversationId, payload: new Binary(payload) },
    };
  }
}
