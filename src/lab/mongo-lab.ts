import { randomBytes } from 'node:crypto';
import { invalidationInterval, UserCacheInvalidator } from '../mongodb/server/cache-invalidator';
import { MongosService, type ServiceOptions } from '../mongodb/server/service';
import { type CredentialMechanism, UserStore } from '../mongodb/server/user-store';
import { LAB_DATABASE, type LabAccount, MONGO_ACCOUNTS } from './accounts';
import type {
  CertificateAuthority,
  CertificateOptions,
  IssuedCertificate,
  ServerCertificate,
} from './certificates';
import { derive } from './derive';
import { LAB_LIMITS, type LabOptions, type LabServer } from './lab-server';
import { LoopbackServer } from './loopback-server';
import { startMongod } from './mongod';
import { MongodLink } from './mongod-link';
import { serveMongo } from './serve-mongo';
import { acceptTls, type ServerTls, serverTls } from './tls-server';
import { openUserStore } from './user-file';

/** So many times as many connections as there are tickets are accepted: those without one are refused by mongos itself and have a trace. */
const TIMES_BEYOND = 2;

export interface MongoLabOptions extends LabOptions {
  readonly accounts?: readonly LabAccount[];
  /** Wire versions, mechanisms, delays: what an older or stricter server would say. */
  readonly service?: Partial<
    Omit<ServiceOptions, 'random' | 'now' | 'tls' | 'log' | 'store' | 'internalUser'>
  >;
  /** Version of the authorization schema that mongod stores; default 5. */
  readonly schemaVersion?: number;
  /** mongod keeps its users in this file; without one, in memory. The accounts are added where they are missing. */
  readonly userFile?: string;
  /** `userCacheInvalidationIntervalSecs`: 1 to 86,400, default 30. */
  readonly userCacheInvalidationIntervalSecs?: number;
  /** `net.tls.mode` requireTLS; default false. */
  readonly tls?: boolean;
  readonly certificate?: ServerCertificate | CertificateOptions;
  readonly onLog?: (line: string) => void;
}

export interface MongoLab extends LabServer {
  readonly protocol: 'mongodb';
  /** The mongod behind it; its users are managed there. */
  readonly mongod: { readonly host: string; readonly port: number };
  /** Users in mongos' cache now. */
  readonly cachedUsers: number;
  /** Asks mongod at once whether its users have changed, as is done in every interval. */
  checkUserCache(): Promise<void>;
  /**
   * A client certificate of the lab's authority, and a user `CN=…` of `$external` for it unless `user` is false. Only with TLS and a
   * certificate made here.
   */
  issueClient(commonName: string, options?: { readonly user?: boolean }): Promise<IssuedCertificate>;
}

/**
 * Starts a mongos and the mongod that holds its users, each with its own listener. Rejects with the system's error when one cannot
 * listen, and with a RangeError for options that no server would start with.
 */
export async function startMongoLab(options: MongoLabOptions = {}): Promise<MongoLab> {
  const accounts = options.accounts ?? MONGO_ACCOUNTS;
  const seconds = invalidationInterval(options.userCacheInvalidationIntervalSecs);
  if (seconds === undefined) throw new RangeError('userCacheInvalidationIntervalSecs must be 1 to 86400');
  const { onLog } = options;
  /** Lines that nobody reads are not made. */
  const logOf = (who: string): ServiceOptions['log'] =>
    onLog &&
    (({ component, connectionId, message }) => onLog(`${component} [${who}${connectionId}] ${message}`));
  const { tls, certificate, authority } = options.tls ? await tlsOf(options.certificate) : noTls;
  const host = options.host ?? '127.0.0.1';
  let lastId = 0;
  const nextId = () => ++lastId;
  const store = await storeOf(accounts, options);
  const mongod = await startMongod({
    host,
    store,
    nextId,
    service: { log: logOf('mongod conn') },
  });
  const most = options.maxConnections ?? LAB_LIMITS.connections;
  const service = new MongosService({
    maxIncomingConnections: most,
    ...options.service,
    internalUser: mongod.internalUser,
    tls: tls ? 'requireTLS' : 'disabled',
    random: randomBytes,
    now: Date.now,
    log: logOf('conn'),
  });
  const traces = new Map<number, string>();
  const link = new MongodLink(mongod, service, (connectionId) => traces.get(connectionId));
  const startMongos = () =>
    LoopbackServer.start(
      'mongodb',
      {
        host,
        port: options.port ?? 0,
        nextId,
        connections: TIMES_BEYOND * most,
        onDrop: (open) => onLog?.(`NETWORK [mongos] connection dropped: ${open} are open already`),
      },
      async (transport, signal, id) => {
        let own = 0;
        await serveMongo(service, {
          transport,
          signal,
          stepMs: options.handshakeTimeoutMs,
          silentMs: options.silentTimeoutMs,
          startTls: () => acceptTls(transport, tls as ServerTls),
          answer: (effect) => link.answer(effect),
          onConnection: (connectionId) => {
            own = connectionId;
            traces.set(connectionId, id);
          },
        });
        traces.delete(own);
      },
    );
  const mongos = await startMongos().catch(async (error: unknown) => {
    await mongod.server.close();
    throw error;
  });
  const invalidator = new UserCacheInvalidator(service.users, (message) =>
    onLog?.(`ACCESS [mongos] ${message}`),
  );
  const timer = setInterval(() => void link.checkGeneration(invalidator), seconds * 1_000).unref();
  const close = async () => {
    clearInterval(timer);
    service.topology.enterQuiesceMode();
    await mongos.close();
    await link.close();
    await mongod.server.close();
  };
  let closed: Promise<void> | undefined;
  return {
    protocol: 'mongodb',
    host,
    port: mongos.port,
    mongod: { host, port: mongod.server.port },
    caCertificatePem: certificate?.caCertificate ?? '',
    uri: uriOf(accounts, host, mongos.port, options.tls ?? false),
    accounts,
    get connections() {
      return mongos.connections + mongod.server.connections;
    },
    get cachedUsers() {
      return service.users.cachedUsers;
    },
    checkUserCache: () => link.checkGeneration(invalidator),
    async issueClient(commonName, { user = true } = {}) {
      if (!authority) throw new RangeError('only a lab with TLS and its own authority issues certificates');
      const issued = await authority.issueClient(commonName);
      if (user) store.createExternalUser(`CN=${commonName}`);
      return issued;
    },
    onTrace(listener) {
      const removers = [mongos.onTrace(listener), mongod.server.onTrace(listener)];
      return () => {
        for (const remove of removers) remove();
      };
    },
    close() {
      closed ??= close();
      return closed;
    },
  };
}

function uriOf(accounts: readonly LabAccount[], host: string, port: number, tls: boolean): string {
  const first = accounts[0]?.user ?? 'app_user';
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return `mongodb://${first}@${shownHost}:${port}/?authSource=${LAB_DATABASE.mongodb}${tls ? '&tls=true' : ''}`;
}

async function storeOf(
  accounts: readonly LabAccount[],
  { schemaVersion, userFile }: MongoLabOptions,
): Promise<UserStore> {
  const store = userFile ? openUserStore(userFile, schemaVersion) : new UserStore({ schemaVersion });
  for (const { user, password, mechanism } of accounts) {
    // A password that was changed in an earlier run stays.
    if (store.find({ user, db: LAB_DATABASE.mongodb })) continue;
    const mechanisms: CredentialMechanism[] =
      mechanism === 'SCRAM-SHA-256' ? ['SCRAM-SHA-1', 'SCRAM-SHA-256'] : [mechanism as CredentialMechanism];
    const created = await store.createUser(
      { user, db: LAB_DATABASE.mongodb, password, mechanisms },
      derive,
      randomBytes,
    );
    if (!created.ok) throw new RangeError(`account ${user}: ${created.status.message}`);
  }
  return store;
}

interface LabTls {
  readonly tls?: ServerTls;
  readonly certificate?: ServerCertificate;
  readonly authority?: CertificateAuthority;
}

const noTls: LabTls = {};

async function tlsOf(given: ServerCertificate | CertificateOptions | undefined): Promise<LabTls> {
  const requestCertificate = true;
  if (given && 'certificate' in given)
    return { tls: serverTls(given, { requestCertificate }), certificate: given };
  const authority = await (await import('./certificates')).CertificateAuthority.create();
  const certificate = await authority.issueServer(given);
  // Clients are known by certificates of this authority, whoever signed the server's own.
  const tls = serverTls(certificate, { requestCertificate }, { ca: authority.certificate });
  return { tls, certificate, authority };
}
