/** Connections that could be used, and commands that were refused on them. */
import { ask, say, tell } from '../story';
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
  works,
} from './story';

const NOT_AUTHORIZED = 'not authorized on shop to execute command { find: "orders" }';
const gap = (watcher: ReturnType<typeof talk>) => {
  watcher.gap('client');
  return watcher;
};

const SECONDARY = { ...MEMBER, ismaster: false, isWritablePrimary: false, secondary: true };
const WITHOUT_PRIMARY = { ...SECONDARY, primary: undefined };

export const USE_STORIES: readonly CauseStory[] = [
  {
    code: 'MONGO_READY',
    name: 'a login and a command',
    outcome: 'ready',
    params: { user: 'app_user', database: 'admin', mechanism: 'SCRAM-SHA-256', role: 'mongod' },
    told: () => talk(login(), works()),
    near: [
      { name: 'no login', code: 'MONGO_OPEN', told: () => talk(hello(), works()) },
      {
        name: 'the end of the login is not there',
        code: 'CAPTURE_ENDS',
        told: () => talk(hello(), start(), challenge()),
      },
    ],
  },
  {
    code: 'MONGO_OPEN',
    name: 'commands without a login',
    outcome: 'ready',
    told: () => talk(hello(), works()),
    near: [
      {
        name: 'only commands that need no login',
        code: 'MONGO_NO_LOGIN_TRIED',
        told: () => talk(hello(), works({ ping: 1 }, 'admin')),
      },
      {
        name: 'a hole before the commands',
        code: 'MONGO_IN_USE',
        told: () => goOn(gap(talk(hello())), ...works()),
      },
    ],
  },
  {
    code: 'MONGO_NO_LOGIN_TRIED',
    name: 'hello and ping, no login',
    outcome: 'ready',
    told: () => left(talk(hello(), works({ ping: 1 }, 'admin'))),
    near: [
      { name: 'a find, too', code: 'MONGO_OPEN', told: () => talk(hello(), works({ ping: 1 }), works()) },
    ],
  },
  {
    code: 'MONGO_IN_USE',
    name: 'the capture begins in the middle',
    outcome: 'ready',
    params: { lacks: 'beginning' },
    told: () => tell(works(), true),
    near: [{ name: 'from the beginning', code: 'MONGO_OPEN', told: () => talk(works()) }],
  },
  {
    code: 'MONGO_MONITOR',
    name: 'hello twice',
    outcome: 'ready',
    params: { role: 'primary', setName: 'rs0' },
    told: () => left(talk(hello(MEMBER), hello(MEMBER))),
    near: [
      { name: 'once', code: 'MONGO_ONLY_HELLO', told: () => left(talk(hello(MEMBER))) },
      {
        name: 'the capture begins later',
        code: 'CAPTURE_STARTS_LATE',
        told: () => tell([...hello(MEMBER), ...hello(MEMBER)], true),
      },
    ],
  },
  {
    code: 'MONGO_AUTHENTICATION_REQUIRED',
    name: 'find without a login',
    outcome: 'failed',
    params: { command: 'find', code: 13, namespace: 'shop.orders' },
    told: () => talk(hello(), command(), refuse(13, 'command find requires authentication')),
    near: [
      {
        name: 'after a login',
        code: 'MONGO_UNAUTHORIZED',
        told: () => talk(login(), command(), refuse(13, NOT_AUTHORIZED)),
      },
      {
        name: 'the login may be in a hole',
        code: 'MONGO_UNAUTHORIZED',
        told: () => goOn(gap(talk(hello())), command(), refuse(13, NOT_AUTHORIZED)),
      },
      {
        name: 'a login follows',
        code: 'MONGO_READY',
        told: () => talk(hello(), command(), refuse(13, 'requires authentication'), login(), works()),
      },
    ],
  },
  {
    code: 'MONGO_UNAUTHORIZED',
    name: 'the role lacks a privilege',
    outcome: 'failed',
    params: { command: 'find', namespace: 'shop.orders', user: 'app_user', text: NOT_AUTHORIZED },
    told: () => talk(login(), works({ ping: 1 }), command(), refuse(13, NOT_AUTHORIZED)),
    near: [
      {
        name: 'another command works',
        code: 'MONGO_READY',
        told: () => talk(login(), works(), command(), refuse(13, NOT_AUTHORIZED)),
      },
      {
        name: 'a shell asks what it may not see',
        code: 'MONGO_READY',
        told: () =>
          talk(
            login(),
            command({ getLog: 'startupWarnings' }, 'admin'),
            refuse(13, 'not authorized'),
            works(),
          ),
      },
    ],
  },
  {
    code: 'MONGO_COMMAND_UNKNOWN',
    name: 'an emulation without the command',
    outcome: 'failed',
    told: () =>
      talk(login(), command({ aggregate: 'orders' }), refuse(303, 'Feature not supported: $lookup')),
    near: [
      {
        name: 'another error',
        code: 'MONGO_COMMAND_FAILED',
        told: () => talk(login(), command(), refuse(9, 'bad filter')),
      },
    ],
  },
  {
    code: 'MONGO_COMMAND_FAILED',
    name: 'an application command fails',
    outcome: 'ready',
    params: { command: 'find', code: 50, codeName: 'MaxTimeMSExpired' },
    told: () => talk(login(), command(), refuse(50, 'operation exceeded time limit')),
    near: [
      {
        name: 'it works at last',
        code: 'MONGO_READY',
        told: () => talk(login(), command(), refuse(50, 'operation exceeded time limit'), works()),
      },
    ],
  },
  {
    code: 'MONGO_ADDRESS_REFUSED',
    name: 'a firewall that lets the login pass',
    outcome: 'failed',
    told: () =>
      talk(login(), command(), refuse(13, 'This is blocked by your Cosmos DB account firewall settings.')),
    near: [
      {
        name: 'a collection of that name',
        code: 'MONGO_UNAUTHORIZED',
        told: () => talk(login(), command(), refuse(13, 'not authorized on "blocked by firewall"')),
      },
    ],
  },
  {
    code: 'MONGO_RETRYABLE_WRITES',
    name: '301 to a command',
    outcome: 'failed',
    told: () => talk(login(), command({ insert: 'orders' }), refuse(301, 'Not supported')),
    near: [
      {
        name: '301 to a login',
        code: 'MONGO_LOGIN_REFUSED',
        told: () => talk(hello(), start(), refuse(301, 'Not supported')),
      },
    ],
  },
  {
    code: 'MONGO_RETRYABLE_WRITES',
    name: 'transaction numbers on a standalone',
    outcome: 'failed',
    told: () =>
      talk(
        login(),
        command({ insert: 'orders' }),
        refuse(20, 'Transaction numbers are only allowed on a replica set member or mongos'),
      ),
    near: [
      {
        name: 'another 20',
        code: 'MONGO_COMMAND_FAILED',
        told: () => talk(login(), command(), refuse(20, 'illegal')),
      },
    ],
  },
  {
    code: 'MONGO_NOT_PRIMARY',
    name: 'a write to a secondary',
    outcome: 'failed',
    told: () => talk(login(), command({ insert: 'orders' }), refuse(10_107, 'not primary')),
    near: [
      {
        name: 'another code',
        code: 'MONGO_COMMAND_FAILED',
        told: () => talk(login(), command(), refuse(10_106, 'no')),
      },
    ],
  },
  {
    code: 'MONGO_REAUTHENTICATION',
    name: 'the token ran out',
    outcome: 'failed',
    told: () => talk(login(), command(), refuse(391, 'Reauthentication is required')),
    near: [
      {
        name: 'after commands that worked',
        code: 'MONGO_READY',
        told: () => talk(login(), works(), command(), refuse(391, 'again')),
      },
    ],
  },
  {
    code: 'MONGO_RATE_LIMITED',
    name: 'a service that limits requests',
    outcome: 'failed',
    told: () => talk(login(), command(), refuse(16_500, 'Request rate is large')),
    near: [
      {
        name: 'another code',
        code: 'MONGO_COMMAND_FAILED',
        told: () => talk(login(), command(), refuse(16_501, 'no')),
      },
    ],
  },
  {
    code: 'MONGO_TLS_REQUIRED',
    name: 'a service that says that it wants TLS',
    outcome: 'failed',
    told: () => talk(ask({ hello: 1 }), refuse(13, 'SSL connection is required')),
    near: [
      {
        name: 'another text',
        code: 'MONGO_HELLO_NEEDS_LOGIN',
        told: () => talk(ask({ hello: 1 }), refuse(13, 'not authorized')),
      },
    ],
  },
  {
    code: 'MONGO_CLOSED_WHILE_WORKING',
    name: 'closed instead of a reply',
    outcome: 'failed',
    params: { command: 'find', how: 'reset' },
    told: () => ended(goOn(talk(login(), works()), command()), 100, 'rst'),
    near: [
      { name: 'after the reply', code: 'MONGO_READY', told: () => ended(talk(login(), works()), 100) },
      {
        name: 'the client went',
        code: 'MONGO_READY',
        told: () => left(goOn(talk(login(), works()), command()), 100),
      },
    ],
  },
  {
    code: 'MONGO_IDLE_CLOSED',
    name: 'idle for a minute',
    outcome: 'ready',
    params: { seconds: 60, user: 'app_user', how: 'closed' },
    told: () => ended(talk(login(), works()), 60_000),
    near: [
      { name: 'the client ends it', code: 'MONGO_READY', told: () => left(talk(login(), works()), 60_000) },
      {
        name: 'a request waits',
        code: 'MONGO_CLOSED_WHILE_WORKING',
        told: () => ended(goOn(talk(login(), works()), command()), 60_000),
      },
      { name: 'at once', code: 'MONGO_READY', told: () => ended(talk(login(), works()), 10) },
      {
        name: 'the client says goodbye first',
        code: 'MONGO_READY',
        told: () => ended(talk(login(), works(), works({ endSessions: [] }, 'admin')), 2_000),
      },
      { name: 'a hole', code: 'MONGO_READY', told: () => ended(gap(talk(login(), works())), 60_000) },
    ],
  },
  {
    code: 'MONGO_NO_PRIMARY',
    name: 'a secondary that knows no primary',
    outcome: 'ready',
    told: () => talk(hello(WITHOUT_PRIMARY), works({ ping: 1 })),
    near: [
      {
        name: 'the server closes it after a long silence',
        code: 'MONGO_IDLE_CLOSED',
        told: () => ended(talk(hello(WITHOUT_PRIMARY), works({ ping: 1 })), 60_000),
      },
      {
        name: 'the server closes it before it answers a command',
        code: 'MONGO_CLOSED_WHILE_WORKING',
        told: () => ended(talk(hello(WITHOUT_PRIMARY), works({ ping: 1 }), command())),
      },
      {
        name: 'it knows one',
        code: 'MONGO_NO_LOGIN_TRIED',
        told: () =>
          talk(
            hello({ ...MEMBER, ismaster: false, isWritablePrimary: false, secondary: true }),
            works({ ping: 1 }),
          ),
      },
    ],
  },
  {
    code: 'MONGO_ONLY_HELLO',
    name: 'hello, and the client leaves',
    outcome: 'incomplete',
    params: { role: 'mongod', driver: 'PyMongo 4.4.0' },
    told: () => left(talk(hello(MONGOD, driver('PyMongo', '4.4.0')))),
    near: [
      { name: 'still open', code: 'CAPTURE_ENDS', told: () => talk(hello()) },
      { name: 'the server closes', code: 'MONGO_CLOSED_AFTER_HELLO', told: () => ended(talk(hello())) },
      {
        name: 'a login under way',
        code: 'MONGO_ABANDONED',
        told: () => left(goOn(talk(hello()), start(), challenge())),
      },
    ],
  },
  {
    code: 'MONGO_ONLY_HELLO',
    name: 'both FINs, that of the server first',
    outcome: 'incomplete',
    params: { both: 1 },
    told: () => left(ended(talk(hello())), 1),
    near: [
      {
        name: 'that of the server alone',
        code: 'MONGO_CLOSED_AFTER_HELLO',
        told: () => ended(talk(hello())),
      },
    ],
  },
  {
    code: 'MONGO_SIGNATURE_REFUSED',
    name: "the client leaves after the server's proof",
    outcome: 'failed',
    told: () =>
      left(
        talk(
          hello(),
          start(),
          challenge(),
          proof(),
          say({ conversationId: 1, done: false, payload: Buffer.from('v=QUJD') }),
        ),
      ),
    near: [
      {
        name: 'a hole',
        code: 'CAPTURE_BYTES_MISSING',
        told: () =>
          left(
            gap(
              talk(
                hello(),
                start(),
                challenge(),
                proof(),
                say({ conversationId: 1, done: false, payload: Buffer.from('v=QUJD') }),
              ),
            ),
          ),
      },
    ],
  },
];
