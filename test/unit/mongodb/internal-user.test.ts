/** The user servers know each other by, what the log and the audit record tell of an authentication, and the stages in the trace. */
import { Binary } from 'bson';
import { describe, expect, it } from 'vitest';
import { mongoCrKey, mongoPasswordDigest } from '../../../src/auth/mongodb-cr';
import { utf8Bytes } from '../../../src/base/bytes';
import type { AuditRecord } from '../../../src/mongodb/server/audit';
import type { ServiceOptions } from '../../../src/mongodb/server/service';
import { INTERNAL_USER, type UserDocument } from '../../../src/mongodb/server/user-document';
import { makeCredentials } from '../../../src/mongodb/server/user-store';
import type { Document } from '../../../src/mongodb/wire/bson';
import { buildQuery } from '../../../src/mongodb/wire/wire-build';
import { Peer } from './peer';
import { derive, type Lab, makeLab, runPair, seededRandom } from './support';

const USER = {
  user: 'app_user',
  db: 'admin',
  password: 'correct horse',
  mechanisms: ['MONGODB-CR'] as const,
};
const KEY_FILE = 'content of the key file';

async function internalUser(): Promise<UserDocument> {
  const user = { ...INTERNAL_USER, password: KEY_FILE };
  const made = await makeCredentials(user, ['MONGODB-CR', 'SCRAM-SHA-1'], derive, seededRandom('key'));
  if (!made.ok) throw new Error(made.status.message);
  return { ...INTERNAL_USER, credentials: made.value, roles: [{ role: '__system', db: 'admin' }] };
}

async function labWith(options: Partial<ServiceOptions>): Promise<Lab> {
  return makeLab([USER], { internalUser: await internalUser(), ...options });
}

function login(
  peer: Peer,
  { user = '__system', password = KEY_FILE, db = 'admin', more = {} } = {},
): Document {
  const nonce = String(peer.run({ getnonce: 1 }).nonce);
  const key = mongoCrKey(nonce, user, mongoPasswordDigest(user, password));
  return peer.run({ authenticate: 1, user, nonce, key, ...more }, db);
}

const audited = (lab: Lab): AuditRecord[] =>
  lab.log.flatMap((line) => (line.startsWith('AUDIT ') ? [JSON.parse(line.slice(6)) as AuditRecord] : []));

describe('the internal user', () => {
  it('is nobody on admin without test commands', async () => {
    const peer = new Peer(await labWith({}));
    expect(login(peer)).toMatchObject({ ok: 0, code: 18, errmsg: 'auth failed' });
    expect(peer.run({ listDatabases: 1 })).toMatchObject({ code: 13 });
  });

  it('logs in on admin with test commands, as the user of local, and out again', async () => {
    const lab = await labWith({ testCommands: true });
    const peer = new Peer(lab);
    expect(login(peer)).toMatchObject({ ok: 1, user: '__system', dbname: 'local' });
    expect(peer.run({ connectionStatus: 1 })).toMatchObject({
      authInfo: { authenticatedUsers: [{ user: '__system', db: 'local' }] },
    });
    expect(peer.run({ logout: 1 })).toMatchObject({ ok: 1 });
    expect(peer.run({ listDatabases: 1 })).toMatchObject({ code: 13 });
  });

  it('of another database, or with another password, stays out with test commands too', async () => {
    const peer = new Peer(await labWith({ testCommands: true }));
    expect(login(peer, { db: 'app' })).toMatchObject({ code: 18 });
    expect(login(peer, { password: 'wrong' })).toMatchObject({ code: 18 });
  });

  it('needs a key file', async () => {
    const lab = await makeLab([], { testCommands: true });
    expect(login(new Peer(lab))).toMatchObject({ code: 18 });
    expect(lab.log.join('\n')).toContain('started without a --keyFile parameter');
  });

  it.each(['MONGODB-CR', 'SCRAM-SHA-1'] as const)('may use %s where it is disabled', async (mechanism) => {
    const lab = await labWith({ testCommands: true, mechanisms: ['SCRAM-SHA-256'] });
    const { ready, error } = runPair(lab, {
      user: '__system',
      password: KEY_FILE,
      mechanism,
      speculative: false,
    });
    expect([error, ready]).toEqual([undefined, true]);
    const other = runPair(lab, { user: 'app_user', password: USER.password, mechanism, speculative: false });
    expect(other.error?.code).toBe(mechanism === 'MONGODB-CR' ? '2' : '334');
  });

  it('is never fetched, and never in the cache', async () => {
    const lab = await labWith({ testCommands: true });
    const peer = new Peer(lab);
    login(peer);
    lab.service.users.invalidateUserCache();
    expect(peer.run({ listDatabases: 1 })).toMatchObject({ ok: 1 });
    expect([lab.service.users.cachedUsers, lab.service.users.fetching]).toEqual([0, false]);
  });

  it('cannot be reached on local through a mongos, as nothing can', async () => {
    const lab = await labWith({ testCommands: true });
    const peer = new Peer(lab);
    const text = "Can't use 'local' database through mongos";
    expect(peer.run({ ping: 1 }, 'local')).toMatchObject({ ok: 0, code: 20, errmsg: text });
    expect(peer.send(buildQuery(9, 'local', { ping: 1 }))).toMatchObject({ code: 20, $err: text });
    expect(new Peer(await labWith({ store: lab.store })).run({ ping: 1 }, 'local')).toMatchObject({ ok: 1 });
  });
});

describe('the database of a command', () => {
  it.each(['', 'a b', 'a.b', 'a/b', 'a"b', 'x'.repeat(64)])('%j is none', async (db) => {
    expect(new Peer(await makeLab([])).run({ ping: 1 }, db)).toMatchObject({ ok: 0, code: 73 });
  });
});

describe('the log and the audit record', () => {
  it('tell of a login, and neither key nor nonce', async () => {
    const lab = await labWith({});
    const peer = new Peer(lab);
    const nonce = String(peer.run({ getnonce: 1 }).nonce);
    const key = mongoCrKey(nonce, USER.user, mongoPasswordDigest(USER.user, USER.password));
    peer.run({ authenticate: 1, user: USER.user, nonce, key });
    const line = lab.log.find((each) => each.startsWith('ACCESS authenticate db: admin'));
    expect(line).toContain('user: "app_user", nonce: "xxx", key: "xxx"');
    expect(lab.log.join('\n')).not.toContain(nonce);
    expect(lab.log.join('\n')).not.toContain(key);
    expect(audited(lab)).toEqual([
      {
        atype: 'authenticate',
        ts: { $date: '1970-01-01T00:00:00.000Z' },
        local: { ip: '127.0.0.1', port: 27_017 },
        remote: { ip: '127.0.0.1', port: 1 },
        users: [{ user: 'app_user', db: 'admin' }],
        roles: [],
        param: { user: 'app_user', db: 'admin', mechanism: 'MONGODB-CR' },
        result: 0,
      },
    ]);
  });

  it.each([
    ['a wrong password', { user: 'app_user', password: 'wrong' }, 'MONGODB-CR', 18],
    ['an unknown user', { user: 'nobody' }, 'MONGODB-CR', 18],
    ['an unknown mechanism', { user: 'app_user', more: { mechanism: 'MD5' } }, 'MD5', 2],
  ])('tell of %s', async (_name, given, mechanism, result) => {
    const lab = await labWith({});
    expect(login(new Peer(lab), given)).toMatchObject({ code: result });
    const param = { user: given.user, db: 'admin', mechanism };
    expect(audited(lab)).toMatchObject([{ atype: 'authenticate', users: [], param, result }]);
  });

  it.each([
    ['correct horse', 0],
    ['wrong', 18],
  ])('tell of SCRAM with the password %s, once', async (password, result) => {
    const lab = await makeLab([{ ...USER, mechanisms: ['SCRAM-SHA-256'] }]);
    runPair(lab, { user: USER.user, password });
    const param = { user: 'app_user', db: 'admin', mechanism: 'SCRAM-SHA-256' };
    expect(audited(lab)).toMatchObject([{ atype: 'authenticate', param, result }]);
  });

  it('tell of a command that was refused', async () => {
    const lab = await labWith({});
    new Peer(lab).run({ listDatabases: 1 }, 'app');
    expect(audited(lab)).toMatchObject([
      { atype: 'authCheck', param: { command: 'listDatabases', ns: 'app' }, result: 13 },
    ]);
  });

  it('a failed login sleeps as long as authFailedDelayMs says, after the mechanism’s own sleep', async () => {
    const peer = new Peer(await labWith({ authFailedDelayMs: 100 }));
    login(peer, { password: 'wrong' });
    peer.run({ authenticate: 1, user: 'app_user', nonce: 'x', key: 'y' });
    expect(peer.timers).toEqual([100, 130]);
  });
});

describe('the stages', () => {
  it('of a login are told in order, by the names of the source', async () => {
    const lab = await labWith({});
    const peer = new Peer(lab);
    login(peer, { user: 'app_user', password: USER.password });
    const notes = peer.notes.map(({ message, summary }) => `${message}: ${summary}`);
    expect(notes[0]).toMatch(
      /^Listener::accepted: conn\d+ takes one of 1000 tickets, 1 connection now open$/,
    );
    const acquire =
      'AuthorizationManager::acquireUser: app_user@admin is not in the cache: begins a fetch phase';
    expect(notes).toContain(acquire);
    const stages = peer.notes.filter(({ message }) => message === 'Stages').at(-1);
    expect(stages?.fields?.map(({ name }) => name)).toEqual([
      'PortMessageServer::handleIncomingMsg',
      'Request::process',
      'Strategy::clientCommandOp',
      'Command::runAgainstRegistered',
      'Command::execCommandClientBasic',
      'CmdAuthenticate::run',
      'CmdAuthenticate::_authenticate',
      'audit::logAuthentication',
    ]);
    const values = Object.fromEntries(stages?.fields?.map(({ name, value }) => [name, value]) ?? []);
    expect(values['PortMessageServer::handleIncomingMsg']).toMatch(
      /^message 2 of this connection: 2 messages, \d+ bytes in, \d+ bytes out, 1 idle marks$/,
    );
    expect(values['Request::process']).toBe('OP_MSG 2 on admin.$cmd');
    expect(values['CmdAuthenticate::run']).toBe('MONGODB-CR by default, app_user@admin');
    expect(values['CmdAuthenticate::_authenticate']).toBe('_authenticateCR');
    peer.server.handleClosed();
    peer.drain();
    expect(peer.notes.at(-1)).toMatchObject({
      message: 'end connection',
      summary: expect.stringContaining('2 messages'),
    });
    expect(lab.log.at(-1)).toMatch(
      /^NETWORK end connection 127\.0\.0\.1:1 \(0 connections now open\), 2 messages, /,
    );
  });

  it('of SCRAM name the steps of the mechanism, and numberToReturn where there is one', async () => {
    const peer = new Peer(await makeLab([{ ...USER, mechanisms: ['SCRAM-SHA-1'] }]));
    const payload = new Binary(utf8Bytes('n,,n=app_user,r=abcdefgh'));
    peer.send(buildQuery(1, 'admin', { saslStart: 1, mechanism: 'SCRAM-SHA-1', payload }));
    const fields = peer.notes.at(-1)?.fields?.map(({ name, value }) => `${name}: ${value}`);
    expect(fields).toContain('Request::process: OP_QUERY 1 on admin.$cmd, numberToReturn -1');
    expect(fields?.slice(-2)).toEqual([
      'doSaslStart: SCRAM-SHA-1, database admin',
      'SCRAM-SHA-1 step 1: app_user@admin',
    ]);
  });

  it('count bytes and idle marks, for the connection and for the server', async () => {
    const lab = await makeLab([]);
    const peer = new Peer(lab);
    for (let turn = 0; turn < 33; turn++) peer.run({ ping: 1 });
    peer.server.handleClosed();
    peer.drain();
    const out = peer.written.reduce((sum, bytes) => sum + bytes.length, 0);
    expect(peer.notes.at(-1)?.summary).toMatch(
      new RegExp(`^33 messages, \\d+ bytes in, ${out} bytes out, 3 idle marks$`),
    );
    expect(lab.service.network).toMatchObject({ messages: 33, bytesOut: out });
  });
});

describe('an exception inside of a command', () => {
  it('ends its connection and no other', async () => {
    let broken = false;
    const random = seededRandom('server');
    const lab = await makeLab([], {
      random: (length) => {
        if (broken) throw new Error('no entropy');
        return random(length);
      },
    });
    const peer = new Peer(lab);
    const other = new Peer(lab);
    broken = true;
    expect(() => peer.run({ getnonce: 1 })).toThrow('no reply');
    expect(peer.closed).toBe(true);
    expect(lab.log.join('\n')).toContain(
      'DBException handling request, closing client connection: no entropy',
    );
    expect(other.run({ ping: 1 })).toMatchObject({ ok: 1 });
    expect(lab.service.connections).toBe(1);
  });
});
