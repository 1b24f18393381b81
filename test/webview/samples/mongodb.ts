import { cause } from '../../../src/diagnosis/cause';
import { applyCause } from '../../../src/diagnosis/render';
import type { Field, From, Trace } from '../../../src/trace/model';
import { sample, step } from './build';

/** Steps of MongoDB messages of one size. */
const lines =
  (bytes: number) =>
  (
    at: number,
    from: From,
    message: string,
    summary: string,
    client: string,
    server: string,
    fields: Field[] = [],
  ) =>
    step(at, from, 'mongodb', message, summary, client, server, { bytes, fields });

export function mongoScram(): Trace {
  const line = lines(180);
  return sample(
    't4',
    'capture',
    'mongodb',
    [
      step(0, 'client', 'tcp', 'SYN', 'Asks for a connection to port 27017', 'CONNECTING', 'LISTENING', {
        bytes: 0,
      }),
      step(0.5, 'server', 'tcp', 'SYN+ACK', 'Accepted', 'CONNECTED', 'RECEIVE_LOOP', { bytes: 0 }),
      line(
        0.8,
        'client',
        'hello',
        'OP_QUERY isMaster, saslSupportedMechs admin.app_user',
        'HANDSHAKE',
        'CmdIsMaster',
      ),
      line(
        1.9,
        'server',
        'hello reply',
        'Wire versions 0–21; SCRAM-SHA-1, SCRAM-SHA-256',
        'NEGOTIATED',
        'RECEIVE_LOOP',
      ),
      line(2.3, 'client', 'saslStart', 'SCRAM-SHA-256, conversation begins', 'SASL_START', 'CmdSaslStart', [
        { name: 'mechanism', value: 'SCRAM-SHA-256', offset: 40, length: 13 },
        { name: 'payload', value: 'n,,n=app_user,r=…', offset: 62, length: 44, secret: true },
      ]),
      line(
        3.9,
        'server',
        'saslStart reply',
        'conversationId 1, 15,000 iterations',
        'SASL_CHALLENGED',
        'SASL_SESSION',
      ),
      line(24, 'client', 'saslContinue', 'Proof of the password', 'SASL_CONTINUE', 'CmdSaslContinue'),
      line(25.2, 'server', 'saslContinue reply', 'done', 'AUTHENTICATED', 'AUTHORIZED'),
      line(25.9, 'client', 'find', 'The first command', 'COMMAND', 'runAgainstRegistered'),
      line(27, 'server', 'find reply', '3 documents', 'READY', 'AUTHORIZED'),
    ],
    (builder) => {
      Object.assign(builder.auth, {
        mechanism: 'SCRAM-SHA-256',
        user: 'app_user',
        database: 'admin',
        outcome: 'ok',
      });
      const login = { user: 'app_user', database: 'admin', mechanism: 'SCRAM-SHA-256', role: 'mongod' };
      applyCause(builder, cause('MONGO_READY', 'ready', login));
    },
  );
}

export function mongoCr(): Trace {
  const line = lines(128);
  return sample(
    't5',
    'live',
    'mongodb',
    [
      step(0, 'client', 'tcp', 'SYN', 'Asks for a connection', 'CONNECTING', 'LISTENING', { bytes: 0 }),
      step(0.3, 'server', 'tcp', 'SYN+ACK', 'Accepted', 'CONNECTED', 'RECEIVE_LOOP', { bytes: 0 }),
      line(0.6, 'client', 'hello', 'OP_QUERY isMaster', 'HANDSHAKE', 'CmdIsMaster'),
      line(1.1, 'server', 'hello reply', 'Wire versions 0–5', 'NEGOTIATED', 'RECEIVE_LOOP'),
      line(1.4, 'client', 'getnonce', 'Asks for a nonce', 'GETNONCE', 'CmdGetNonce'),
      line(1.8, 'server', 'getnonce reply', 'A nonce of 16 digits', 'NONCE_RECEIVED', 'NONCE_PENDING', [
        { name: 'nonce', value: '2375531c32080ae8', offset: 50, length: 16, secret: true },
      ]),
      line(2.2, 'client', 'authenticate', 'MONGODB-CR for app_user', 'AUTHENTICATE', 'CmdAuthenticate', [
        { name: 'user', value: 'app_user', offset: 30, length: 8 },
        { name: 'key', value: '21742f26431831d5cfca035a08c5bdf6', offset: 60, length: 32, secret: true },
      ]),
      line(
        3.4,
        'server',
        'authenticate reply',
        '18 AuthenticationFailed: auth failed',
        'AUTH_FAILED',
        'RECEIVE_LOOP',
      ),
    ],
    (builder) => {
      Object.assign(builder.auth, {
        mechanism: 'MONGODB-CR',
        user: 'app_user',
        database: 'admin',
        outcome: 'failed',
      });
      const error = { from: 'server', code: '18', message: 'auth failed' } as const;
      const params = { user: 'app_user', database: 'admin', code: 18, codeName: 'AuthenticationFailed' };
      applyCause(builder, cause('MONGO_CR_REFUSED', 'failed', { ...params, text: error.message }, { error }));
      builder.finding({
        code: 'MG120',
        severity: 'error',
        message: 'MONGODB-CR was refused.',
        frames: [],
        help: 'MONGODB-CR is gone since MongoDB 4.0: use SCRAM-SHA-256.',
      });
    },
  );
}
