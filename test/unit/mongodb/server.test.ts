import { Binary } from 'bson';
import { describe, expect, it } from 'vitest';
import { toBase64 } from '../../../src/auth/base64';
import { mongoCrKey, mongoPasswordDigest } from '../../../src/auth/mongodb-cr';
import { concat, utf8Bytes } from '../../../src/base/bytes';
import { MongosConnection } from '../../../src/mongodb/server/connection';
import type { Document } from '../../../src/mongodb/wire/bson';
import { encodeBson } from '../../../src/mongodb/wire/bson';
import { Opcode } from '../../../src/mongodb/wire/opcodes';
import { parseHeader, parseMessage } from '../../../src/mongodb/wire/wire';
import { buildMessage, buildMsg, buildQuery } from '../../../src/mongodb/wire/wire-build';
import { Peer } from './peer';
import { answer, makeLab } from './support';

const USER = { user: 'app_user', db: 'admin', password: 'correct horse' };
const CR = { ...USER, mechanisms: ['MONGODB-CR'] as const };

function crCommand(nonce: string, password = USER.password, user = USER.user): Document {
  return { authenticate: 1, user, nonce, key: mongoCrKey(nonce, user, mongoPasswordDigest(user, password)) };
}

describe('CmdAuthenticate', () => {
  it('authenticates with a nonce of getnonce, once', async () => {
    const lab = await makeLab([CR]);
    const peer = new Peer(lab);
    const nonce = String(peer.run({ getnonce: 1 }).nonce);
    expect(nonce).toMatch(/^[0-9a-f]{1,16}$/);
    expect(peer.run(crCommand(nonce))).toMatchObject({ ok: 1, user: 'app_user', dbname: 'admin' });
    expect(peer.run(crCommand(nonce))).toMatchObject({ ok: 0, code: 17, errmsg: 'No pending nonce' });
  });

  const rows: readonly (readonly [string, (nonce: string) => Document, number, string, string, number])[] = [
    [
      'a missing key',
      (nonce) => ({ authenticate: 1, user: 'app_user', nonce }),
      17,
      'field missing/wrong type in received authenticate command',
      'field missing',
      10,
    ],
    [
      'a user that is no string',
      (nonce) => ({ ...crCommand(nonce), user: 7 }),
      17,
      'field missing/wrong type in received authenticate command',
      'field missing',
      10,
    ],
    ['another nonce', () => crCommand('abc'), 18, 'auth failed', 'Received wrong nonce.', 30],
    ['a wrong password', (nonce) => crCommand(nonce, 'wrong'), 18, 'auth failed', 'key mismatch', 0],
    [
      'an unknown user',
      (nonce) => crCommand(nonce, 'x', 'nobody'),
      18,
      'auth failed',
      'Could not find user',
      0,
    ],
    [
      'an unknown mechanism',
      (nonce) => ({ ...crCommand(nonce), mechanism: 'MD5' }),
      2,
      'Unsupported mechanism: MD5',
      'Unsupported',
      0,
    ],
    [
      'X.509 without TLS',
      () => ({ authenticate: 1, mechanism: 'MONGODB-X509' }),
      17,
      'SSL support is required for the MONGODB-X509 mechanism.',
      'SSL support',
      0,
    ],
  ];

  it.each(rows)('refuses %s', async (_name, command, code, errmsg, logged, sleep) => {
    const lab = await makeLab([CR]);
    const peer = new Peer(lab);
    const nonce = String(peer.run({ getnonce: 1 }).nonce);
    expect(peer.run(command(nonce))).toEqual({ ok: 0, errmsg, code, codeName: expect.any(String) });
    expect(lab.log.join('\n')).toContain(logged);
    expect(lab.log.join('\n')).not.toMatch(/[0-9a-f]{32}/);
    expect(peer.timers).toEqual(sleep === 0 ? [] : [sleep]);
    expect(lab.service.users.cachedUsers).toBe(0);
  });

  it('has no pending nonce without getnonce', async () => {
    const peer = new Peer(await makeLab([CR]));
    expect(peer.run(crCommand('abc'))).toMatchObject({ code: 17, errmsg: 'No pending nonce' });
    expect(peer.timers).toEqual([30]);
  });

  it.each([
    ['app_user', 'admin', 17],
    ['CN=app,O=Example', '$external', 1],
    ['CN=other,O=Example', '$external', 18],
    [undefined, '$external', 1],
  ])('X.509 of %s on %s', async (user, db, code) => {
    const lab = await makeLab([], { tls: 'requireTLS' });
    lab.store.createExternalUser('CN=app,O=Example');
    const peer = new Peer(lab);
    peer.server.handleTls({
      ok: true,
      alpn: null,
      version: 'TLSv1.3',
      peerCertificate: null,
      peerSubject: 'CN=app,O=Example',
    });
    const reply = peer.run({ authenticate: 1, mechanism: 'MONGODB-X509', ...(user ? { user } : {}) }, db);
    expect(reply.ok === 1 ? 1 : reply.code).toBe(code);
  });
});

describe('saslContinue', () => {
  it('wants a session', async () => {
    const peer = new Peer(await makeLab([USER]));
    const command = { saslContinue: 1, conversationId: 1, payload: new Binary(new Uint8Array(0)) };
    expect(peer.run(command)).toMatchObject({ code: 17, errmsg: 'No SASL session state found' });
  });

  it.each([
    ['another conversation', { conversationId: 2 }, 'admin', 'sasl: Mismatched conversation id'],
    [
      'another database',
      { conversationId: 1 },
      'app',
      'Attempt to switch database target during SASL authentication.',
    ],
  ])('refuses %s, and ends the session', async (_name, more, db, errmsg) => {
    const lab = await makeLab([USER]);
    const peer = new Peer(lab);
    const payload = new Binary(utf8Bytes('n,,n=app_user,r=abcdefgh'));
    expect(peer.run({ saslStart: 1, mechanism: 'SCRAM-SHA-256', payload })).toMatchObject({
      ok: 1,
      done: false,
    });
    const command = { saslContinue: 1, payload: new Binary(utf8Bytes('c=biws')), ...more };
    expect(peer.run(command, db)).toMatchObject({ code: 17, errmsg });
    expect(peer.run(command, db)).toMatchObject({ code: 17, errmsg: 'No SASL session state found' });
    expect(lab.service.users.cachedUsers).toBe(0);
  });

  it.each(['SCRAM-SHA-1', 'SCRAM-SHA-256'])(
    '%s does not tell an unknown user from a wrong password, at either step',
    async (mechanism) => {
      const lab = await makeLab([USER]);
      const shapes = ['app_user', 'nobody'].map((user) => {
        const peer = new Peer(lab);
        const payload = new Binary(utf8Bytes(`n,,n=${user},r=abcdefgh`));
        const hello = peer.run({ hello: 1, saslSupportedMechs: `admin.${user}` });
        const first = peer.run({ saslStart: 1, mechanism, payload });
        const text = (first.payload as Binary).toString('utf8');
        const nonce = /r=([^,]*)/.exec(text)?.[1] ?? '';
        const zeros = toBase64(new Uint8Array(mechanism === 'SCRAM-SHA-1' ? 20 : 32));
        const proof = new Binary(utf8Bytes(`c=biws,r=${nonce},p=${zeros}`));
        const last = peer.run({ saslContinue: 1, conversationId: 1, payload: proof });
        return {
          mechanisms: hello.saslSupportedMechs,
          done: first.done,
          length: text.length,
          iterations: /i=.*/.exec(text)?.[0],
          last,
        };
      });
      expect(shapes[1]).toEqual(shapes[0]);
      expect(shapes[0].last).toMatchObject({ code: 18, errmsg: 'Authentication failed.' });
    },
  );
});

describe('the receive loop', () => {
  it('needs authentication for what is not part of it', async () => {
    const peer = new Peer(await makeLab([USER]));
    expect(peer.run({ listDatabases: 1 })).toMatchObject({ code: 13, codeName: 'Unauthorized' });
    expect(peer.run({ nonsense: 1 })).toMatchObject({ code: 59, codeName: 'CommandNotFound' });
    for (const name of [
      'ping',
      'buildInfo',
      'hello',
      'isMaster',
      'whatsmyuri',
      'connectionStatus',
      'logout',
      'getLastError',
    ]) {
      expect(peer.run({ [name]: 1 })).toMatchObject({ ok: 1 });
    }
  });

  it('has no documents to aggregate', async () => {
    const peer = new Peer(await makeLab([USER], { authorization: false }));
    const command = { aggregate: 'atlascli', pipeline: [], cursor: {} };
    expect(peer.run(command)).toMatchObject({
      ok: 1,
      cursor: { id: 0, ns: 'admin.atlascli', firstBatch: [] },
    });
    expect(peer.run({ ...command, aggregate: 1 })).toMatchObject({ ok: 0, code: 115 });
    expect(new Peer(await makeLab([USER])).run(command)).toMatchObject({ code: 13 });
  });

  it('logs the name of a command that it does not know', async () => {
    const lab = await makeLab([USER]);
    new Peer(lab).run({ nonsense: 1 });
    expect(lab.log).toContain('COMMAND Command not found in registry: nonsense');
  });

  it('answers the old shells that wrap their commands', async () => {
    const peer = new Peer(await makeLab([USER]));
    expect(
      peer.send(buildQuery(1, 'admin', { $query: { ismaster: 1 }, $readPreference: { mode: 'nearest' } })),
    ).toMatchObject({ ismaster: true, msg: 'isdbgrid' });
  });

  it('answers OP_COMMAND with OP_COMMANDREPLY', async () => {
    const peer = new Peer(await makeLab([USER]));
    const text = (value: string) => utf8Bytes(`${value}\0`);
    const body = concat(text('admin'), text('ping'), encodeBson({ ping: 1 }), encodeBson({}));
    peer.server.handleBytes(buildMessage(Opcode.COMMAND, 5, 0, body));
    peer.drain();
    const [bytes] = peer.written;
    const result = parseHeader(bytes);
    if (result.kind !== 'header') throw new Error('no message');
    expect(result.header).toMatchObject({ opcode: Opcode.COMMANDREPLY, responseTo: 5 });
    const { value, issues } = parseMessage(bytes, result.header);
    expect([value.kind, issues]).toEqual(['commandReply', []]);
  });

  it('wants numberToReturn to be 1 or -1', async () => {
    const peer = new Peer(await makeLab([USER]));
    const bytes = buildQuery(1, 'admin', { ping: 1 });
    new DataView(bytes.buffer).setInt32(16 + 4 + 11 + 4, 5, true);
    expect(peer.send(bytes)).toMatchObject({ code: 16978 });
    expect(peer.closed).toBe(false);
  });

  it('answers a request with a checksum with one', async () => {
    const lab = await makeLab([USER]);
    const messages = [{ checksum: true }, {}].map((options) => {
      const peer = new Peer(lab);
      peer.send(buildMsg(1, 0, { ping: 1, $db: 'admin' }, options));
      const [bytes] = peer.written;
      const result = parseHeader(bytes);
      return result.kind === 'header' ? parseMessage(bytes, result.header) : undefined;
    });
    // A wrong one would be an issue.
    expect(messages.map((each) => each?.issues)).toEqual([[], []]);
    expect(messages.map((each) => each?.value.kind === 'msg' && each.value.checksum !== null)).toEqual([
      true,
      false,
    ]);
  });

  it('takes document sequences, and refuses a field that comes twice', async () => {
    const peer = new Peer(await makeLab([USER]));
    const ask = (more: object, ...identifiers: string[]) => {
      const sequences = identifiers.map((identifier) => ({ identifier, documents: [{ a: 1 }, { a: 2 }] }));
      return peer.send(buildMsg(1, 0, { ping: 1, ...more, $db: 'admin' }, { sequences }));
    };
    expect(ask({}, 'documents')).toMatchObject({ ok: 1 });
    expect(ask({}, 'documents', 'updates')).toMatchObject({ ok: 1 });
    expect(ask({}, 'documents', 'documents')).toMatchObject({ code: 40_431 });
    expect(ask({ documents: [] }, 'documents')).toMatchObject({ code: 40_433 });
    expect(peer.closed).toBe(false);
  });

  it('takes pipelined, byte-wise and silent requests', async () => {
    const peer = new Peer(await makeLab([USER]));
    const two = [...buildMsg(1, 0, { ping: 1, $db: 'admin' }), ...buildMsg(2, 0, { ping: 1, $db: 'admin' })];
    for (const byte of two) peer.server.handleBytes(Uint8Array.of(byte));
    peer.server.handleBytes(buildMsg(3, 0, { ping: 1, $db: 'admin' }, { flags: 2 }));
    peer.drain();
    expect(peer.replies).toHaveLength(2);
  });

  it.each([
    ['TLS where there is none', Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 0, 0, 0, 0, 0, 0)],
    ['a wrong checksum', flip(buildMsg(1, 0, { ping: 1, $db: 'admin' }, { checksum: true }))],
    [
      'OP_COMPRESSED of 2 GB',
      buildMessage(Opcode.COMPRESSED, 1, 0, Uint8Array.of(0xdd, 7, 0, 0, 0, 0, 0, 0x7f, 1)),
    ],
    ['a retired opcode', buildMessage(Opcode.INSERT, 1, 0, new Uint8Array(40))],
    ['a message of 40 MB', buildMessage(Opcode.MSG, 1, 0, new Uint8Array(40 << 20)).subarray(0, 64)],
  ])('closes this connection, and no other, after %s', async (_name, bytes) => {
    const lab = await makeLab([USER]);
    const peer = new Peer(lab);
    const other = new Peer(lab);
    peer.send(bytes);
    expect(peer.closed).toBe(true);
    expect(peer.server.state).toBe('CLOSED');
    expect(other.run({ ping: 1 })).toMatchObject({ ok: 1 });
    expect(lab.service.connections).toBe(1);
  });

  it('refuses a connection without a ticket', async () => {
    const lab = await makeLab([USER], { maxIncomingConnections: 1 });
    const first = new Peer(lab);
    const second = new Peer(lab);
    expect(second.closed).toBe(true);
    expect(lab.log.join('\n')).toContain('connection refused because too many open connections: 1');
    first.server.handleClosed();
    expect(new Peer(lab).closed).toBe(false);
  });

  it('looks again at a user that was invalidated, and logs a dropped one out', async () => {
    const lab = await makeLab([CR]);
    const peer = new Peer(lab);
    peer.run(crCommand(String(peer.run({ getnonce: 1 }).nonce)));
    lab.service.users.invalidateUserByName(USER);
    expect(peer.run({ listDatabases: 1 })).toMatchObject({ ok: 1 });
    lab.store.dropUser(USER);
    lab.service.users.invalidateUserCache();
    expect(peer.run({ listDatabases: 1 })).toMatchObject({ code: 13 });
  });

  it('wakes a connection whose fetch another one made', async () => {
    const lab = await makeLab([CR]);
    const woken: number[] = [];
    const make = (id: number) => {
      const server = new MongosConnection(lab.service, {
        remote: `127.0.0.1:${id}`,
        wake: () => woken.push(id),
      });
      server.handleConnected();
      server.handleBytes(buildMsg(1, 0, { hello: 1, saslSupportedMechs: 'admin.app_user', $db: 'admin' }));
      return server;
    };
    const first = make(1);
    const second = make(2);
    expect([first.state, second.state]).toEqual(['acquireUser', 'acquireUser']);
    for (let effect = first.pollEffect(); effect; effect = first.pollEffect()) answer(lab, first, effect);
    expect(woken).toEqual([2]);
    const effects: string[] = [];
    for (let next = second.pollEffect(); next; next = second.pollEffect()) effects.push(next.type);
    expect(effects).toContain('write');
  });

  it('gives users back when a client goes while its user is fetched', async () => {
    const lab = await makeLab([CR]);
    const server = new MongosConnection(lab.service, { remote: 'x' });
    server.handleConnected();
    server.handleBytes(buildMsg(1, 0, { hello: 1, saslSupportedMechs: 'admin.app_user', $db: 'admin' }));
    server.handleClosed();
    for (let effect = server.pollEffect(); effect; effect = server.pollEffect()) answer(lab, server, effect);
    expect(lab.service.users.cachedUsers).toBe(0);
  });
});

function flip(bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice();
  changed[changed.length - 1] ^= 1;
  return changed;
}
