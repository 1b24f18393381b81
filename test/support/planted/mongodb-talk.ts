/** MongoDB conversations with a value in every place that can hold one. */

import { deflateSync } from 'node:zlib';
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  ObjectId,
  serialize,
  Timestamp,
} from 'bson';
import { pack } from '../../../src/mongodb/wire/compression';
import { crc32c } from '../../../src/mongodb/wire/crc32c';
import { ascii, concat, type Planter, type Talk, utf8Bytes } from './planter';

function int32(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  for (const [i, value] of values.entries()) new DataView(bytes.buffer).setInt32(4 * i, value, true);
  return bytes;
}

let requests = 1;

function wire(opcode: number, ...body: Uint8Array[]): Uint8Array {
  const all = concat(...body);
  return concat(int32(16 + all.length, requests++, 0, opcode), all);
}

function answer(opcode: number, to: Uint8Array, ...body: Uint8Array[]): Uint8Array {
  const message = wire(opcode, ...body);
  message.set(to.subarray(4, 8), 8);
  return message;
}

const bson = (document: Document) => serialize(document, { ignoreUndefined: false });
const msg = (document: Document, ...more: Uint8Array[]) =>
  wire(2013, int32(0), ascii('\0'), bson(document), ...more);
const reply = (to: Uint8Array, document: Document) => answer(2013, to, int32(0), ascii('\0'), bson(document));
const zero = (text: string) => utf8Bytes(`${text}\0`);

/** A section of documents under one name. */
function sequence(name: string, ...documents: Document[]): Uint8Array {
  const body = concat(zero(name), ...documents.map(bson));
  return concat(Uint8Array.of(1), int32(body.length + 4), body);
}

/** A document whose last bytes are behind its end. */
function surplus(p: Planter, document: Document): Uint8Array {
  const bytes = bson(document);
  const whole = concat(bytes, p.bytes('bytes behind the end of a document'), Uint8Array.of(0));
  new DataView(whole.buffer).setInt32(0, whole.length, true);
  return whole;
}

/** A value of every type, under a known key and an unknown one. */
function everyType(p: Planter, where: string): Document {
  const text = (what: string, length?: number) => p.text(`${where}: ${what}`, length);
  const twelve = (what: string) => utf8Bytes(text(what));
  const eight = (what: string) => Buffer.from(text(what, 8));
  return {
    [text('key')]: text('string under an unknown key'),
    platform: text('platform'),
    version: text('version'),
    comment: text('comment'),
    name: text('name'),
    type: text('type'),
    inner: {
      platform: text('inner platform'),
      [text('inner key')]: [text('array element'), { msg: text('inner msg') }],
    },
    binary: new Binary(twelve('binary')),
    uuid: new Binary(utf8Bytes(text('uuid', 16)), 4),
    id: new ObjectId(twelve('ObjectId')),
    regex: new BSONRegExp(text('regex'), 'i'),
    symbol: new BSONSymbol(text('symbol')),
    code: new Code(text('code')),
    scoped: new Code(text('code with scope'), { [text('scope key')]: text('scope value') }),
    double: new Double(eight('double').readDoubleLE()),
    long: new Long(eight('long').readInt32LE(), 0x11223344),
    date: new Date(1_700_000_000_000),
    timestamp: new Timestamp(Long.fromBits(eight('timestamp').readInt32LE(), 5)),
    decimal: new Decimal128(utf8Bytes(text('decimal', 16))),
  };
}

function metadata(p: Planter): Document {
  return {
    application: { name: p.text('appName') },
    driver: { name: `nodejs|${p.text('driver name')}`, version: `7.1|${p.text('driver version')}` },
    os: {
      type: p.text('os type'),
      name: p.text('os name'),
      architecture: p.text('os architecture'),
      version: p.text('os version'),
    },
    platform: p.text('client platform'),
    env: {
      name: p.text('env name'),
      region: p.text('env region'),
      container: { runtime: p.text('container runtime') },
    },
    [p.text('unknown key of the metadata')]: p.text('value in the metadata'),
  };
}

function helloReply(p: Planter): Document {
  return {
    ismaster: true,
    hosts: [`${p.text('host')}:27017`],
    passives: [p.text('passive')],
    me: `${p.text('me')}:27017`,
    primary: p.text('primary'),
    setName: p.text('setName'),
    tags: { [p.text('tag name')]: p.text('tag value') },
    msg: p.text('msg'),
    saslSupportedMechs: ['SCRAM-SHA-256', p.text('unknown mechanism listed')],
    maxWireVersion: new Int32(21),
    minWireVersion: new Int32(0),
    topologyVersion: { processId: new ObjectId(p.bytes('processId')), counter: new Long(6) },
    compression: ['zlib', p.text('compressor')],
    ok: 1,
    ...everyType(p, 'hello reply'),
  };
}

const SENTENCES = [
  'Could not find user "',
  'Authentication failed for ',
  'не найден пользователь «',
  'ns ',
  "no such command: '",
];

function failure(p: Planter, user: string): Document {
  return {
    ok: 0,
    errmsg: `${p.one(SENTENCES)}${p.one([user, user.toUpperCase()])}" for db ${p.text('database in errmsg')}.${p.text('collection in errmsg')}`,
    code: 18,
    codeName: p.one(['AuthenticationFailed', p.text('codeName')]),
    errInfo: { ns: `${p.text('errInfo database')}.x`, details: everyType(p, 'errInfo') },
    errorLabels: [p.text('error label')],
    note: p.text('note'),
    $clusterTime: {
      clusterTime: new Timestamp(7n),
      signature: { hash: new Binary(p.bytes('signature', 20)), keyId: new Long(9) },
    },
  };
}

interface Attempt {
  readonly mechanism: string;
  /** What the client sends, and the server, in turns. */
  readonly payloads: readonly Uint8Array[];
}

/** What each mechanism says. */
const MECHANISMS: Readonly<Record<string, (p: Planter, user: string) => Attempt>> = {
  scram: (p, user) => {
    const first = p.text('client nonce', 24);
    const both = first + p.text('server nonce', 24);
    return {
      mechanism: 'SCRAM-SHA-256',
      payloads: [
        `n,a=${p.text('authzid')},n=${user},r=${first}`,
        `r=${both},s=${p.text('salt', 24)},i=15000`,
        `c=${Buffer.from(`n,a=${p.text('authzid in c=')},`).toString('base64')},r=${both},p=${p.text('proof', 44)},x=${p.text('unknown attribute')}`,
        `e=${p.text('SCRAM error')}`,
      ].map(utf8Bytes),
    };
  },
  plain: (p, user) => ({
    mechanism: 'PLAIN',
    payloads: [utf8Bytes(`${p.one(['', p.text('PLAIN authzid')])}\0${user}\0${p.text('PLAIN password')}`)],
  }),
  oidc: (p) => ({ mechanism: 'MONGODB-OIDC', payloads: [bson({ jwt: p.text('token', 40) })] }),
  aws: (p) => ({
    mechanism: 'MONGODB-AWS',
    payloads: [bson({ r: new Binary(p.bytes('AWS nonce', 32)), p: new Int32(110) })],
  }),
  gssapi: (p) => ({ mechanism: 'GSSAPI', payloads: [p.bytes('GSSAPI token', 40)] }),
  unknown: (p) => ({
    mechanism: p.text('mechanism'),
    payloads: [p.bytes('payload of an unknown mechanism')],
  }),
};

export const MONGODB_MECHANISMS = [...Object.keys(MECHANISMS), 'x509', 'cr'];

/** hello, with the first step of the login in it or not; then a login that is refused. */
export function mongoLogin(p: Planter, name: string): Talk {
  const user = p.text('user');
  const database = p.text('database');
  const hello = {
    ismaster: 1,
    helloOk: true,
    client: metadata(p),
    saslSupportedMechs: `${database}.${user}`,
    ...(p.pick(2) === 0
      ? {
          speculativeAuthenticate: {
            saslStart: 1,
            mechanism: 'SCRAM-SHA-256',
            payload: new Binary(utf8Bytes(`n,,n=${user},r=${p.text('speculative nonce', 24)}`)),
            db: database,
          },
        }
      : {}),
  };
  const first = wire(2004, int32(0), zero(`${database}.$cmd`), int32(0, -1), bson(hello));
  const answered = answer(1, first, int32(8), p.bytes('cursor id', 8), int32(0, 1), bson(helloReply(p)));
  return [['client', first], ['server', answered], ...attempt(p, name, user, database)];
}

function attempt(p: Planter, name: string, user: string, database: string): Talk {
  if (name === 'x509' || name === 'cr') {
    const command =
      name === 'x509'
        ? {
            authenticate: 1,
            mechanism: 'MONGODB-X509',
            user: `CN=${user},OU=${p.text('unit of a subject')}`,
            $db: '$external',
          }
        : { authenticate: 1, user, nonce: p.text('nonce', 16), key: p.text('key', 32), $db: database };
    const message = msg(command);
    return [
      ['client', message],
      ['server', reply(message, failure(p, user))],
    ];
  }
  const { mechanism, payloads } = MECHANISMS[name](p, user);
  const talk: ['client' | 'server', Uint8Array][] = [];
  let last = msg({
    saslStart: 1,
    mechanism,
    payload: new Binary(payloads[0]),
    autoAuthorize: 1,
    options: { skipEmptyExchange: true },
    $db: database,
  });
  talk.push(['client', last]);
  for (let i = 1; i + 1 < payloads.length; i += 2) {
    talk.push([
      'server',
      reply(last, { conversationId: 1, done: false, payload: new Binary(payloads[i]), ok: 1 }),
    ]);
    last = msg({ saslContinue: 1, conversationId: 1, payload: new Binary(payloads[i + 1]), $db: database });
    talk.push(['client', last]);
  }
  talk.push(['server', reply(last, failure(p, user))]);
  return talk;
}

/** Commands without a login, in every form that a message can have. */
export const MONGODB_COMMANDS: Readonly<Record<string, (p: Planter) => Talk>> = {
  sections: (p) => {
    const command = msg(
      {
        insert: p.text('collection'),
        $db: p.text('database'),
        lsid: { id: new Binary(utf8Bytes(p.text('session', 16)), 4) },
      },
      sequence('documents', everyType(p, 'document'), everyType(p, 'second document')),
      sequence(p.text('name of a section'), { [p.text('key in a section')]: 1 }),
    );
    return [
      ['client', command],
      [
        'server',
        reply(command, {
          ok: 1,
          writeErrors: [{ index: 0, errmsg: p.text('write error'), errInfo: everyType(p, 'write errInfo') }],
        }),
      ],
    ];
  },
  checksum: (p) => {
    const plain = msg({
      find: p.text('collection'),
      filter: everyType(p, 'filter'),
      $db: p.text('database'),
    });
    const whole = concat(plain, new Uint8Array(4));
    new DataView(whole.buffer).setInt32(0, whole.length, true);
    whole[16] = 1;
    new DataView(whole.buffer).setUint32(whole.length - 4, crc32c(whole.subarray(0, whole.length - 4)), true);
    return [['client', whole]];
  },
  OP_COMMAND: (p) => {
    const command = wire(
      2010,
      zero(p.text('database')),
      zero(p.text('command name')),
      bson(everyType(p, 'arguments')),
      bson(everyType(p, 'metadata')),
    );
    return [
      ['client', command],
      [
        'server',
        answer(
          2011,
          command,
          bson({ ok: 1, ...everyType(p, 'command reply') }),
          bson(everyType(p, 'reply metadata')),
        ),
      ],
    ];
  },
  'OP_QUERY of a collection': (p) => {
    const query = wire(
      2004,
      int32(0),
      zero(`${p.text('database')}.${p.text('collection')}`),
      int32(0, 10),
      bson({ $query: everyType(p, 'query') }),
      bson({ [p.text('projection')]: 1 }),
    );
    return [
      ['client', query],
      [
        'server',
        answer(
          1,
          query,
          int32(0),
          p.bytes('cursor', 8),
          int32(0, 2),
          bson(everyType(p, 'first')),
          bson(everyType(p, 'second')),
        ),
      ],
    ];
  },
  'retired opcodes': (p) => {
    const insert = wire(
      2002,
      int32(0),
      zero(`${p.text('database')}.${p.text('collection')}`),
      bson(everyType(p, 'inserted')),
    );
    const more = wire(2005, int32(0), zero(`${p.text('namespace')}.x`), int32(0), p.bytes('cursor', 8));
    const hello = msg({ hello: 1, $db: 'admin', client: metadata(p) });
    return [
      ['client', concat(hello, insert, more)],
      ['server', reply(hello, helloReply(p))],
    ];
  },
  'bytes behind documents': (p) => {
    const document = surplus(p, { hello: 1, [p.text('key')]: p.text('value'), $db: p.text('database') });
    return [
      ['client', concat(wire(2013, int32(0), ascii('\0'), document), p.bytes('bytes behind a message', 40))],
    ];
  },
  driver: (p) => {
    const command = msg(
      { insert: p.text('collection'), $db: p.text('database') },
      sequence('documents', {
        driver: p.text('driver'),
        os: { name: p.text('os') },
        platform: p.text('platform'),
        version: p.text('version'),
        compression: [p.text('compression')],
        env: { a: p.text('env') },
      }),
    );
    return [
      ['client', command],
      ['server', reply(command, { ok: 1 })],
    ];
  },
  'copydb and users': (p) => {
    const command = msg({
      copydb: 1,
      fromhost: p.text('fromhost'),
      fromdb: p.text('fromdb'),
      username: p.text('username'),
      nonce: p.text('nonce', 16),
      key: p.text('key', 32),
      pwd: p.text('pwd'),
      $db: 'admin',
    });
    const create = msg({
      createUser: p.text('new user'),
      pwd: p.text('new password'),
      roles: [{ role: p.text('role'), db: p.text('db of a role') }],
      customData: everyType(p, 'custom data'),
      $db: p.text('database'),
    });
    return [
      ['client', command],
      ['server', reply(command, failure(p, p.text('user in an error')))],
      ['client', create],
      ['server', reply(create, { ok: 1 })],
    ];
  },
};

for (const how of ['zlib', 'zstd', 'snappy'] as const) {
  (MONGODB_COMMANDS as Record<string, (p: Planter) => Talk>)[`packed with ${how}`] = (p) => {
    const hello = msg({ hello: 1, $db: 'admin', client: metadata(p), compression: [how] });
    const command = msg({
      find: p.text('collection'),
      filter: everyType(p, 'packed filter'),
      $db: p.text('database'),
    });
    return [
      ['client', hello],
      ['server', reply(hello, helloReply(p))],
      ['client', how === 'zlib' ? deflated(command) : pack(command, how)],
      [
        'server',
        pack(
          reply(command, { ok: 1, cursor: { firstBatch: [everyType(p, 'packed reply')], ns: p.text('ns') } }),
          how,
        ),
      ],
    ];
  };
}

/** OP_COMPRESSED as short as zlib makes it. */
function deflated(message: Uint8Array): Uint8Array {
  const body = message.subarray(16);
  const raw = deflateSync(body);
  const packed = wire(2012, int32(2013, body.length), Uint8Array.of(2), raw);
  packed.set(message.subarray(4, 12), 4);
  return packed;
}
