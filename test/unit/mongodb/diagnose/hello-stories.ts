/** hello: refused, unanswered, or answered in a way that makes drivers leave. */
import { Opcode } from '../../../../src/mongodb/wire/opcodes';
import { buildMessage } from '../../../../src/mongodb/wire/wire-build';
import { Watcher } from '../observe';
import { ask, type Line, messageId } from '../story';
import {
  type CauseStory,
  challenge,
  command,
  driver,
  ended,
  goOn,
  hello,
  left,
  login,
  MEMBER,
  MONGOD,
  proof,
  refuse,
  start,
  talk,
  text,
  works,
} from './story';

const ARBITER = { ...MEMBER, ismaster: false, isWritablePrimary: false, arbiterOnly: true };
const RAW = {
  ismaster: false,
  secondary: false,
  isreplicaset: true,
  maxWireVersion: 21,
  info: 'Does not have a valid replica set config',
};
const STARTING = { ...MEMBER, ismaster: false, isWritablePrimary: false, secondary: false };
const ELSEWHERE = {
  ...MEMBER,
  hosts: ['db-0.internal:27017', 'db-1.internal:27017'],
  me: 'db-0.internal:27017',
};
const FORGED: Line = ['client', buildMessage(4_711, 7, 0, new Uint8Array(20))];

/** Inside TLS, where the observer is given what was opened. */
function inTls(...lines: readonly Line[]): Watcher {
  const watcher = new Watcher(true);
  for (const from of ['client', 'server'] as const) watcher.open(from);
  return goOn(watcher, ...lines);
}

export const HELLO_STORIES: readonly CauseStory[] = [
  {
    code: 'MONGO_SHUTTING_DOWN',
    name: 'hello is refused with 91',
    outcome: 'failed',
    params: { code: 91, codeName: 'ShutdownInProgress' },
    told: () => left(talk(ask({ hello: 1 }), refuse(91, 'The server is in quiesce mode and will shut down'))),
    near: [
      {
        name: 'another code',
        code: 'MONGO_HELLO_REFUSED',
        told: () => talk(ask({ hello: 1 }), refuse(90, 'no')),
      },
    ],
  },
  {
    code: 'MONGO_API_VERSION',
    name: 'apiVersion is not known',
    outcome: 'failed',
    params: { apiVersion: '1' },
    told: () =>
      talk(
        ask({ hello: 1, apiVersion: '1' }),
        refuse(40_415, "BSON field 'apiVersion' is an unknown field."),
      ),
    near: [
      {
        name: 'another field',
        code: 'MONGO_HELLO_REFUSED',
        told: () => talk(ask({ hello: 1 }), refuse(40_415, "BSON field 'x' is an unknown field.")),
      },
    ],
  },
  {
    code: 'MONGO_OP_QUERY_REMOVED',
    name: 'a driver from before OP_MSG',
    outcome: 'failed',
    params: { driver: 'nodejs 2.2.36', code: 352 },
    told: () =>
      talk(
        hello(MONGOD, driver('nodejs', '2.2.36')),
        command({ ping: 1 }),
        refuse(352, 'Unsupported OP_QUERY command: ping.'),
      ),
    near: [
      {
        name: 'another code',
        code: 'MONGO_COMMAND_FAILED',
        told: () => talk(hello(), command({ ping: 1 }), refuse(351, 'no')),
      },
    ],
  },
  {
    code: 'MONGO_KEYS_NOT_FOUND',
    name: 'no keys to sign cluster times',
    outcome: 'failed',
    told: () => talk(login(), command(), refuse(211, 'No keys found for HMAC that is valid for time')),
    near: [
      {
        name: 'another code',
        code: 'MONGO_COMMAND_FAILED',
        told: () => talk(login(), command(), refuse(210, 'no')),
      },
    ],
  },
  {
    code: 'MONGO_HELLO_NEEDS_LOGIN',
    name: 'hello is refused with 13',
    outcome: 'failed',
    told: () => talk(ask({ isMaster: 1 }), refuse(13, 'not authorized')),
    near: [
      {
        name: 'a later hello',
        code: 'CAPTURE_ENDS',
        told: () => talk(hello(), ask({ hello: 1 }), refuse(13, 'not authorized')),
      },
    ],
  },
  {
    code: 'MONGO_HELLO_REFUSED',
    name: 'hello is refused',
    outcome: 'failed',
    params: { text: 'something else', code: 8 },
    told: () => talk(ask({ hello: 1 }), refuse(8, 'something else')),
    near: [
      {
        name: 'and then answered',
        code: 'MONGO_READY',
        told: () => talk(ask({ hello: 1 }), refuse(8, 'something'), login(), works()),
      },
    ],
  },
  {
    code: 'MONGO_WIRE_VERSION_TOO_OLD',
    name: 'server 3.6 and a driver that needs 4.2',
    outcome: 'failed',
    params: { wire: 6, server: '3.6', needed: 8, neededServer: '4.2' },
    told: () => left(talk(hello({ ...MONGOD, maxWireVersion: 6 }, driver('nodejs', '7.0.0')))),
    near: [
      {
        name: 'a driver that takes it',
        code: 'MONGO_ONLY_HELLO',
        told: () => left(talk(hello({ ...MONGOD, maxWireVersion: 6 }, driver('nodejs', '4.17.2')))),
      },
      {
        name: 'a driver that nobody knows',
        code: 'MONGO_ONLY_HELLO',
        told: () => left(talk(hello({ ...MONGOD, maxWireVersion: 6 }, driver('own', '99.0')))),
      },
      {
        name: 'a newer server',
        code: 'MONGO_ONLY_HELLO',
        told: () => left(talk(hello({ ...MONGOD, maxWireVersion: 8 }, driver('nodejs', '7.0.0')))),
      },
    ],
  },
  {
    code: 'MONGO_WIRE_VERSION_TOO_NEW',
    name: 'a server that takes only new clients',
    outcome: 'failed',
    told: () => left(talk(hello({ ...MONGOD, minWireVersion: 21 }, driver('mongoc', '1.5.0')))),
    near: [
      {
        name: 'and the client goes on',
        code: 'MONGO_OPEN',
        told: () => talk(hello({ ...MONGOD, minWireVersion: 21 }, driver('mongoc', '1.5.0')), works()),
      },
    ],
  },
  {
    code: 'MONGO_OLD_SERVER',
    name: 'the Connect Test is content with server 3.6',
    outcome: 'ready',
    params: { server: '3.6', neededServer: '4.2' },
    told: () => talk(hello({ ...MONGOD, maxWireVersion: 6 }, driver('handshake-inspector', '1')), works()),
    near: [
      {
        name: 'and so is an old driver',
        code: 'MONGO_OPEN',
        told: () => talk(hello({ ...MONGOD, maxWireVersion: 6 }, driver('nodejs', '3.7.0')), works()),
      },
    ],
  },
  {
    code: 'MONGO_MEMBER_NAMES',
    name: 'the Connect Test stays where drivers leave',
    outcome: 'ready',
    params: { stayed: 1 },
    told: () =>
      talk(hello({ ...MEMBER, hosts: ['192.0.2.2:27017'] }, driver('handshake-inspector', '1')), works()),
    near: [
      {
        name: 'a name may lead here',
        code: 'MONGO_OPEN',
        told: () => talk(hello(ELSEWHERE, driver('handshake-inspector', '1')), works()),
      },
    ],
  },
  {
    code: 'MONGO_NO_SERVICE_ID',
    name: 'loadBalanced and no serviceId',
    outcome: 'failed',
    told: () => left(talk(hello(MONGOD, { loadBalanced: true }))),
    near: [
      {
        name: 'with a serviceId',
        code: 'MONGO_ONLY_HELLO',
        told: () => left(talk(hello({ ...MONGOD, serviceId: 'x' }, { loadBalanced: true }))),
      },
      { name: 'not asked for', code: 'MONGO_ONLY_HELLO', told: () => left(talk(hello())) },
    ],
  },
  {
    code: 'MONGO_MEMBER_NAMES',
    name: 'members named otherwise',
    outcome: 'incomplete',
    params: { hosts: 'db-0.internal:27017, db-1.internal:27017', server: '10.0.0.2:27017' },
    told: () => left(talk(hello(ELSEWHERE))),
    near: [
      { name: 'this address is named', code: 'MONGO_ONLY_HELLO', told: () => left(talk(hello(MEMBER))) },
      {
        name: 'a monitor',
        code: 'MONGO_MONITOR',
        told: () => left(talk(hello(ELSEWHERE), hello(ELSEWHERE))),
      },
      {
        name: 'and the client goes on',
        code: 'MONGO_OPEN',
        told: () => left(talk(hello(ELSEWHERE), works())),
      },
    ],
  },
  {
    code: 'MONGO_NOT_INITIATED',
    name: 'no replica set config',
    outcome: 'failed',
    params: { info: 'Does not have a valid replica set config' },
    told: () => left(talk(hello(RAW), hello(RAW))),
    near: [{ name: 'a standalone', code: 'MONGO_MONITOR', told: () => left(talk(hello(), hello())) }],
  },
  {
    code: 'MONGO_ARBITER',
    name: 'a login at an arbiter',
    outcome: 'failed',
    params: { setName: 'rs0', code: 18 },
    told: () => talk(hello(ARBITER), start(), challenge(), proof(), refuse(18, 'Authentication failed.')),
    near: [
      {
        name: 'a primary',
        code: 'MONGO_PROOF_REFUSED',
        told: () => talk(hello(MEMBER), start(), challenge(), proof(), refuse(18, 'Authentication failed.')),
      },
    ],
  },
  {
    code: 'MONGO_HIDDEN_MEMBER',
    name: 'a hidden secondary',
    outcome: 'incomplete',
    told: () => left(talk(hello({ ...STARTING, secondary: true, hidden: true }))),
    near: [
      {
        name: 'that is used all the same',
        code: 'MONGO_OPEN',
        told: () => talk(hello({ ...STARTING, secondary: true, hidden: true }), works()),
      },
    ],
  },
  {
    code: 'MONGO_MEMBER_UNAVAILABLE',
    name: 'a member that starts',
    outcome: 'incomplete',
    told: () => left(talk(hello(STARTING))),
    near: [
      {
        name: 'a secondary',
        code: 'MONGO_ONLY_HELLO',
        told: () => left(talk(hello({ ...STARTING, secondary: true }))),
      },
    ],
  },
  {
    code: 'MONGO_CLOSED_ON_HELLO',
    name: 'closed instead of an answer',
    outcome: 'failed',
    params: { how: 'closed' },
    told: () => ended(talk(ask({ hello: 1 }))),
    near: [
      {
        name: 'inside TLS',
        code: 'MONGO_CLOSED_ON_HELLO_IN_TLS',
        told: () => ended(inTls(ask({ hello: 1 }))),
      },
      {
        name: 'the client left',
        code: 'TCP_SERVER_SILENT',
        told: () => left(talk(ask({ hello: 1 })), 5_000),
      },
    ],
  },
  {
    code: 'MONGO_CLOSED_ON_HELLO_IN_TLS',
    name: 'closed inside TLS',
    outcome: 'failed',
    told: () => ended(inTls(ask({ hello: 1 }))),
    near: [
      { name: 'in the clear', code: 'MONGO_CLOSED_ON_HELLO', told: () => ended(talk(ask({ hello: 1 }))) },
    ],
  },
  {
    code: 'MONGO_CLOSED_AFTER_HELLO',
    name: 'closed right after hello',
    outcome: 'failed',
    told: () => ended(talk(hello())),
    near: [
      { name: 'much later', code: 'MONGO_IDLE_CLOSED', told: () => ended(talk(hello()), 30_000) },
      { name: 'by the client', code: 'MONGO_ONLY_HELLO', told: () => left(talk(hello())) },
    ],
  },
  {
    code: 'MONGO_CLOSED_DURING_LOGIN',
    name: 'closed instead of a challenge',
    outcome: 'failed',
    params: { command: 'saslStart', user: 'app_user' },
    told: () => ended(goOn(talk(hello()), start())),
    near: [
      {
        name: 'by the client',
        code: 'MONGO_ABANDONED',
        told: () => left(talk(hello(), start(), challenge())),
      },
    ],
  },
  {
    code: 'MONGO_UNKNOWN_OPCODE',
    name: 'an operation code that nobody knows',
    outcome: 'failed',
    params: { opcode: 4_711 },
    told: () => ended(talk(hello(), FORGED)),
    near: [
      {
        name: 'a retired one',
        code: 'MONGO_CLOSED_AFTER_HELLO',
        told: () =>
          ended(talk(hello(), ['client', buildMessage(Opcode.INSERT, messageId(), 0, new Uint8Array(20))])),
      },
      { name: 'and the connection stays', code: 'CAPTURE_ENDS', told: () => talk(hello(), FORGED) },
    ],
  },
  {
    code: 'MONGO_NOT_MONGODB',
    name: 'an answer of other bytes',
    outcome: 'failed',
    told: () => ended(talk(ask({ hello: 1 }), ['server', new Uint8Array(40).fill(0xee)])),
    near: [
      {
        name: 'after messages',
        code: 'MONGO_CLOSED_AFTER_HELLO',
        told: () => ended(talk(hello(), text('what do you want of me?'))),
      },
    ],
  },
  {
    code: 'MONGO_TOO_FEW_ITERATIONS',
    name: 'a hundred iterations',
    outcome: 'failed',
    params: { iterations: 100, least: 4_096 },
    told: () => left(talk(hello(), start(), challenge('r=abcdefgh,s=QUJD,i=100'))),
    near: [
      { name: 'enough', code: 'MONGO_ABANDONED', told: () => left(talk(hello(), start(), challenge())) },
    ],
  },
  {
    code: 'MONGO_NONCE_CHANGED',
    name: 'a nonce of somebody else',
    outcome: 'failed',
    told: () => left(talk(hello(), start(), challenge('r=other,s=QUJD,i=15000'))),
    near: [
      { name: 'its own', code: 'MONGO_ABANDONED', told: () => left(talk(hello(), start(), challenge())) },
    ],
  },
  {
    code: 'MONGO_ABANDONED',
    name: 'the client leaves after the challenge',
    outcome: 'failed',
    params: { last: 'saslStart reply' },
    told: () => left(talk(hello(), start(), challenge())),
    near: [
      {
        name: 'the server does',
        code: 'MONGO_CLOSED_DURING_LOGIN',
        told: () => ended(talk(hello(), start(), challenge())),
      },
      {
        name: 'and is refused before',
        code: 'MONGO_PROOF_REFUSED',
        told: () => left(talk(hello(), start(), challenge(), proof(), refuse(18, 'no'))),
      },
      { name: 'and had logged in', code: 'MONGO_READY', told: () => left(talk(login())) },
    ],
  },
  {
    code: 'MONGO_ENCRYPTED',
    name: 'sealed',
    outcome: 'encrypted',
    told: () => {
      const watcher = inTls();
      watcher.observer.handleTlsFacts({ version: 'TLSv1.3', established: true });
      for (const from of ['client', 'server'] as const)
        watcher.observer.handleCiphertext(from, 300, watcher.mark());
      return watcher;
    },
    near: [{ name: 'opened', code: 'CAPTURE_ENDS', told: () => inTls(ask({ hello: 1 })) }],
  },
  {
    code: 'MONGO_ENDED',
    name: 'a SYN+ACK and a FIN are all there is',
    outcome: 'incomplete',
    params: { by: 'server', how: 'closed' },
    told: () => {
      const watcher = new Watcher();
      watcher.open('server');
      return ended(watcher);
    },
    near: [{ name: 'the SYN, too', code: 'TCP_CLOSED_AT_ONCE', told: () => ended(talk()) }],
  },
  {
    code: 'MONGO_SET_NAME',
    name: 'the Connect Test was given another replicaSet',
    outcome: 'failed',
    params: { setName: 'rs0' },
    told: () => {
      const watcher = talk(hello(MEMBER));
      const error = { from: 'client', code: 'MONGO_REPLICA_SET', message: 'another replica set' } as const;
      watcher.observer.handleLocal(
        { kind: 'note', message: 'Give up', summary: 'gave up', error },
        watcher.mark(),
      );
      return left(watcher);
    },
    near: [
      { name: 'a capture does not know', code: 'MONGO_ONLY_HELLO', told: () => left(talk(hello(MEMBER))) },
    ],
  },
  {
    code: 'MONGO_CLIENT_ERROR',
    name: 'what only the Connect Test knows',
    outcome: 'failed',
    params: { text: 'the file cannot be read' },
    told: () => {
      const watcher = talk(hello());
      const error = { from: 'client', code: 'CERTIFICATE_FILE', message: 'the file cannot be read' } as const;
      watcher.observer.handleLocal(
        { kind: 'note', message: 'Give up', summary: 'gave up', error },
        watcher.mark(),
      );
      return watcher;
    },
    near: [{ name: 'nothing of it', code: 'CAPTURE_ENDS', told: () => talk(hello()) }],
  },
];
