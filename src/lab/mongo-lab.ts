import { pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { runMachine } from '../live/driver';
import type { FetchEffect } from '../mongodb/server/authorization-manager';
import { MongosConnection } from '../mongodb/server/connection';
import { MongosService, type ServiceOptions } from '../mongodb/server/service';
import { type CredentialMechanism, type Derive, UserStore } from '../mongodb/server/user-store';
import { LAB_DATABASE, type LabAccount, MONGO_ACCOUNTS } from './accounts';
import type { CertificateOptions, ServerCertificate } from './certificates';
import { LAB_LIMITS, type LabOptions, type LabServer } from './lab-server';
import { LoopbackServer } from './loopback-server';
import { acceptTls, type ServerTls, serverTls } from './tls-server';

export interface MongoLabOptions extends LabOptions {
  readonly accounts?: readonly LabAccount[];
  /** Wire versions, mechanisms, delays: what an older or stricter server would say. */
  readonly service?: Partial<Omit<ServiceOptions, 'random' | 'now' | 'tls' | 'log'>>;
  /** Version of the authorization schema that mongod stores; default 5. */
  readonly schemaVersion?: number;
  /** `net.tls.mode` requireTLS; default false. */
  readonly tls?: boolean;
  readonly certificate?: ServerCertificate | CertificateOptions;
  readonly onLog?: (line: string) => void;
}

const derive: Derive = async ({ password, salt, iterations, length, hash }) =>
  new Uint8Array(await promisify(pbkdf2)(password, salt, iterations, length, hash));

/** Starts a mongos with its mongod's user store. Rejects with the system's error when it cannot listen. */
export async function startMongoLab(options: MongoLabOptions = {}): Promise<LabServer> {
  const accounts = options.accounts ?? MONGO_ACCOUNTS;
  const certificate = options.tls ? await certificateOf(options.certificate) : undefined;
  const tls = certificate && serverTls(certificate, { requestCertificate: true });
  const service = new MongosService({
    ...options.service,
    tls: tls ? 'requireTLS' : 'disabled',
    random: randomBytes,
    now: Date.now,
    log: (entry) => options.onLog?.(`${entry.component} [conn${entry.connectionId}] ${entry.message}`),
  });
  const mongod = new Mongod(service, await storeOf(accounts, options.schemaVersion));
  const loopback = await LoopbackServer.start(
    'mongodb',
    { host: options.host ?? '127.0.0.1', port: options.port ?? 0 },
    async (transport, signal) => {
      const { address, port } = transport.recorder.client;
      let poke = () => {};
      const connection = new MongosConnection(service, { remote: `${address}:${port}`, wake: () => poke() });
      try {
        await runMachine<FetchEffect>(connection, {
          transport,
          signal,
          // mongos waits for its clients without a limit; the lab does not.
          stepMs: options.handshakeTimeoutMs ?? LAB_LIMITS.idleMs,
          idleMs: LAB_LIMITS.idleMs,
          stopAtReady: false,
          startTls: () => acceptTls(transport, tls as ServerTls),
          onStart: (given) => {
            poke = given;
          },
          handleOther: (effect) => mongod.answer(effect),
        });
      } finally {
        // However the run ended: the ticket and the users go back.
        connection.handleClosed();
      }
    },
  );
  const { host, port } = loopback;
  const first = accounts[0]?.user ?? 'app_user';
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return {
    protocol: 'mongodb',
    host,
    port,
    caCertificatePem: certificate?.caCertificate ?? '',
    uri: `mongodb://${first}@${shownHost}:${port}/?authSource=${LAB_DATABASE.mongodb}${tls ? '&tls=true' : ''}`,
    accounts,
    get connections() {
      return loopback.connections;
    },
    onTrace: (listener) => loopback.onTrace(listener),
    close: () => loopback.close(),
  };
}

/** The user store as mongos reaches it: over an asynchronous hop, so that requests overlap as they do over a network. */
class Mongod {
  constructor(
    private readonly service: MongosService,
    private readonly store: UserStore,
  ) {}

  answer(effect: FetchEffect): void {
    setImmediate(() => {
      const { users } = this.service;
      if (effect.type === 'fetchVersion') users.handleVersion(effect.id, this.store.fetchVersion());
      else users.handleUser(effect.id, this.store.fetchUser(effect));
      // The connection that began the fetch may be gone; what comes next must not depend on it.
      for (let next = users.pollEffect(); next; next = users.pollEffect()) this.answer(next);
    });
  }
}

async function storeOf(accounts: readonly LabAccount[], schemaVersion?: number): Promise<UserStore> {
  const store = new UserStore(schemaVersion);
  for (const { user, password, mechanism } of accounts) {
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

async function certificateOf(
  given: ServerCertificate | CertificateOptions | undefined,
): Promise<ServerCertificate> {
  if (given && 'certificate' in given) return given;
  const { makeServerCertificate } = await import('./certificates');
  return makeServerCertificate(given);
}
