/** The second hop: mongos' connection to its mongod, its user cache, and mongod's file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LAB_PASSWORD } from '../../src/lab/accounts';
import { type MongoLab, type MongoLabOptions, startMongoLab } from '../../src/lab/mongo-lab';
import { DamagedUserFile, openUserStore } from '../../src/lab/user-file';
import type { Trace } from '../../src/trace/model';
import { redactTrace } from '../../src/trace/redact';
import { messages, run } from './support';

let lab: MongoLab | undefined;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'handshake-mongod-'));
});
afterEach(async () => {
  await lab?.close();
  lab = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: MongoLabOptions = {}): Promise<MongoLab & { traces: Trace[] }> {
  lab = await startMongoLab(options);
  const traces: Trace[] = [];
  lab.onTrace((trace) => traces.push(trace));
  return Object.assign(lab, { traces });
}

const login = async (server: MongoLab, user = 'app_user', password = LAB_PASSWORD) =>
  (await run(server.uri.replace('app_user', user), {}, { password })).error?.code ?? 'ok';

/** A client of the mongod itself, with the driver. */
async function onMongod<T>(server: MongoLab, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(
    `mongodb://app_user:${LAB_PASSWORD}@127.0.0.1:${server.mongod.port}/?directConnection=true`,
  );
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

async function settled(server: MongoLab): Promise<void> {
  await expect.poll(() => server.connections).toBe(0);
}

describe('the second hop', () => {
  it('is a trace of its own, linked to the login that caused it', async () => {
    const server = await start();
    expect(await login(server)).toBe('ok');
    await settled(server);
    expect(server.traces).toHaveLength(2);
    const first = server.traces.find((trace) => trace.server.port === server.port);
    const hop = server.traces.find((trace) => trace.server.port === server.mongod.port);
    expect(first?.causedBy).toBeUndefined();
    expect(hop?.causedBy).toBe(first?.id);
    expect(hop?.outcome).toBe('ready');
    expect(hop?.auth).toEqual({
      mechanism: 'SCRAM-SHA-1',
      user: '__system',
      database: 'local',
      outcome: 'ok',
    });
    const names = hop ? messages(hop) : [];
    expect(names.filter((name) => /^(getParameter|usersInfo)/.test(name))).toEqual([
      'getParameter',
      'getParameter reply',
      'usersInfo',
      'usersInfo reply',
    ]);
    expect(JSON.stringify(redactTrace(hop as Trace))).not.toMatch(/storedKey[^}]*value[^}]*=/);
    // The login waited for it: it begins and ends inside.
    expect(Date.parse(hop?.startTime ?? '')).toBeGreaterThanOrEqual(Date.parse(first?.startTime ?? ''));
    expect(hop?.durationMs).toBeLessThan(first?.durationMs ?? 0);
  });

  it('is not made for a user in the cache, and once for many first logins', async () => {
    const server = await start();
    await onceLoggedIn(server, async () => {
      const results = await Promise.all(Array.from({ length: 20 }, () => login(server)));
      expect(new Set(results)).toEqual(new Set(['ok']));
    });
    await settled(server);
    expect(server.traces.filter((trace) => trace.causedBy !== undefined)).toHaveLength(1);
  });

  it('shows credentials to other servers only', async () => {
    const server = await start();
    await onMongod(server, async (client) => {
      const info = await client.db('admin').command({ usersInfo: 'app_user' });
      expect(info.users).toMatchObject([{ user: 'app_user', db: 'admin' }]);
      expect(JSON.stringify(info)).not.toContain('storedKey');
      const shown = client.db('admin').command({ usersInfo: 'app_user', showCredentials: true });
      await expect(shown).rejects.toMatchObject({ code: 13 });
    });
  });

  it('that fails refuses the login and tells the log why', async () => {
    const log: string[] = [];
    const server = await start({ schemaVersion: 1, onLog: (line) => log.push(line) });
    expect(await login(server)).toBe('18');
    expect(log.join('\n')).toContain('schema version 1 not supported');
  });
});

/** Holds one login open meanwhile: the user stays in the cache as long as somebody uses it. */
async function onceLoggedIn(server: MongoLab, work: () => Promise<void>): Promise<void> {
  const client = new MongoClient(`mongodb://app_user:${LAB_PASSWORD}@127.0.0.1:${server.port}/`);
  try {
    await client.db('admin').command({ ping: 1 });
    await work();
  } finally {
    await client.close();
  }
}

describe('a change of users', () => {
  it('reaches mongos with the next check of the cache, and not before', async () => {
    const server = await start({ userCacheInvalidationIntervalSecs: 86_400 });
    await server.checkUserCache();
    await onceLoggedIn(server, async () => {
      await onMongod(server, (client) =>
        client.db('admin').command({ updateUser: 'app_user', pwd: 'another one' }),
      );
      expect(await login(server)).toBe('ok');
      expect(server.cachedUsers).toBe(1);
      await server.checkUserCache();
      expect(await login(server)).toBe('18');
      expect(await login(server, 'app_user', 'another one')).toBe('ok');
    });
  });

  it('is found by the interval alone', async () => {
    const server = await start({ userCacheInvalidationIntervalSecs: 1 });
    await server.checkUserCache();
    await onceLoggedIn(server, async () => {
      await onMongod(server, (client) => client.db('admin').command({ dropUser: 'app_user' }));
      await expect.poll(() => login(server), { timeout: 20_000 }).toBe('18');
    });
  });

  it('is made with mongod’s own checks', async () => {
    const server = await start();
    await onMongod(server, async (client) => {
      const admin = client.db('admin');
      await admin.command({ createUser: 'second', pwd: 'pass word', roles: ['read'] });
      const again = admin.command({ createUser: 'second', pwd: 'x', roles: [] });
      await expect(again).rejects.toMatchObject({ code: 51_003 });
      await expect(admin.command({ createUser: 'third', roles: [] })).rejects.toMatchObject({ code: 2 });
      await expect(admin.command({ createUser: 'third', pwd: 'x' })).rejects.toMatchObject({ code: 2 });
      await expect(admin.command({ updateUser: 'third', pwd: 'x' })).rejects.toMatchObject({ code: 11 });
      await expect(admin.command({ dropUser: 'third' })).rejects.toMatchObject({ code: 11 });
    });
    expect(await login(server, 'second', 'pass word')).toBe('ok');
    // A mongos does not pass them on.
    const client = new MongoClient(`mongodb://app_user:${LAB_PASSWORD}@127.0.0.1:${server.port}/`);
    const refused = client.db('admin').command({ dropUser: 'second' });
    await expect(refused).rejects.toMatchObject({ code: 115 });
    await client.close();
  });

  it.each([0, 86_401, 1.5])('an interval of %s seconds is none', async (seconds) => {
    await expect(startMongoLab({ userCacheInvalidationIntervalSecs: seconds })).rejects.toThrow(RangeError);
  });
});

describe('the file of users', () => {
  const fileOf = () => path.join(folder, 'users');

  it('survives a restart', async () => {
    const userFile = fileOf();
    const server = await start({ userFile });
    await onMongod(server, (client) =>
      client.db('admin').command({ createUser: 'kept', pwd: 'kept too', roles: [] }),
    );
    await server.close();
    expect(await login(await start({ userFile }), 'kept', 'kept too')).toBe('ok');
  });

  it('a change that cannot be written is not made', () => {
    const store = openUserStore(fileOf());
    store.createExternalUser('CN=one');
    rmSync(folder, { recursive: true });
    expect(() => store.createExternalUser('CN=two')).toThrow();
    expect(store.users.map((user) => user.user)).toEqual(['CN=one']);
  });

  it('that is damaged is left as it is, and said so', () => {
    openUserStore(fileOf()).createExternalUser('CN=one');
    const whole = readFileSync(fileOf(), 'utf8');
    for (const damaged of [whole.replace('CN=one', 'CN=two'), whole.slice(0, -20), '', 'nonsense']) {
      writeFileSync(fileOf(), damaged);
      expect(() => openUserStore(fileOf())).toThrow(DamagedUserFile);
      expect(readFileSync(fileOf(), 'utf8')).toBe(damaged);
    }
  });
});

describe('MONGODB-X509', () => {
  const x509 = (pem: string, more: Record<string, string> = {}) => {
    const file = path.join(folder, 'client.pem');
    writeFileSync(file, pem);
    const { port, caCertificatePem } = lab as MongoLab;
    return run(`mongodb://localhost:${port}/`, {
      tls: 'true',
      tlsCAFile: caCertificatePem,
      tlsCertificateKeyFile: file,
      authMechanism: 'MONGODB-X509',
      ...more,
    });
  };

  it('logs the subject of a client certificate in, by Connect Test and by the driver', async () => {
    const server = await start({ tls: true });
    const { certificate, key } = await server.issueClient('app_client');
    const result = await x509(`${certificate}\n${key}`);
    expect(result.error).toBeNull();
    // Nobody was named: the user is read from the certificate that crossed inside TLS.
    const user = 'CN=app_client';
    expect(result.traces[0].auth).toMatchObject({ mechanism: 'MONGODB-X509', user, outcome: 'ok' });
    expect(result.verdict).toContain('CN=app_client@$external is authenticated with MONGODB-X509');
    const client = new MongoClient(`mongodb://localhost:${server.port}/?authMechanism=MONGODB-X509`, {
      tls: true,
      ca: server.caCertificatePem,
      cert: certificate,
      key,
    });
    try {
      const status = await client.db('admin').command({ connectionStatus: 1 });
      expect(status.authInfo.authenticatedUsers).toEqual([{ user: 'CN=app_client', db: '$external' }]);
    } finally {
      await client.close();
    }
  });

  it('refuses a certificate without a user', async () => {
    const server = await start({ tls: true });
    const { certificate, key } = await server.issueClient('app_client');
    const other = await startMongoLab({ tls: true });
    try {
      const stranger = await other.issueClient('app_client');
      // Of another authority: to this server it is as no certificate.
      const result = await x509(`${stranger.certificate}\n${stranger.key}`);
      expect(result.error).toMatchObject({ from: 'server', code: '18' });
      expect(result.traces.map(({ diagnosis }) => diagnosis.code)).toContain('MONGO_X509_NO_USER');
      expect(result.verdict).toMatch(/the certificate of "CN=app_client"/);
    } finally {
      await other.close();
    }
    const named = await run(`mongodb://CN%3Dother@localhost:${server.port}/`, {
      tls: 'true',
      tlsCAFile: server.caCertificatePem,
      tlsCertificateKeyFile: path.join(folder, 'client.pem'),
      authMechanism: 'MONGODB-X509',
    });
    expect(named.traces.map(({ diagnosis }) => diagnosis.code)).toContain('MONGO_X509_OTHER_SUBJECT');
    expect(named.verdict).toContain('named the user "CN=other", but the subject');
    const bare = await run(`mongodb://localhost:${server.port}/`, {
      tls: 'true',
      tlsCAFile: server.caCertificatePem,
      authMechanism: 'MONGODB-X509',
    });
    expect(bare.traces.map(({ diagnosis }) => diagnosis.code)).toContain('MONGO_X509_NO_CERTIFICATE');
    expect((await x509(`${certificate}\n${key}`)).error).toBeNull();
  });
});
