import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { runMachine } from '../live/driver';
import { PostgresBackend } from '../postgres/backend/backend';
import type {
  CancelEffect,
  HbaRule,
  LogEffect,
  PostgresServer,
  Role,
} from '../postgres/backend/backend-options';
import type { Fault } from '../postgres/faults/faults';
import { FaultyBackend } from '../postgres/faults/faulty-backend';
import { LAB_DATABASE, type LabAccount, POSTGRES_ACCOUNTS } from './accounts';
import type { CertificateOptions, IssuedCertificate, ServerCertificate } from './certificates';
import { LAB_LIMITS, type LabOptions, type LabServer } from './lab-server';
import { LoopbackServer } from './loopback-server';
import { hbaRuleOf, roleOf } from './postgres-roles';
import { LabCertificates, type PostgresTls } from './postgres-tls';
import { RootFile } from './root-file';
import { Sessions } from './sessions';
import { acceptTls } from './tls-server';

export interface PostgresLabOptions extends LabOptions {
  /** Users and how they are let in; default {@link POSTGRES_ACCOUNTS}. */
  readonly accounts?: readonly LabAccount[];
  /** Roles as a server stores them; by default one for each account. */
  readonly roles?: readonly Role[];
  /** Lines of pg_hba.conf; by default one for each account. */
  readonly hba?: readonly HbaRule[];
  readonly databases?: readonly string[];
  /** TLS: default true. */
  readonly ssl?: boolean;
  /** A certificate made before, or what kind to make now. */
  readonly certificate?: ServerCertificate | CertificateOptions;
  /** Ask clients for a certificate of this lab's authority (`ssl_ca_file`); default: when a line of pg_hba.conf needs one. */
  readonly clientCertificates?: boolean;
  /** What this server does wrong, on purpose. */
  readonly fault?: Fault;
  readonly onLog?: (line: string) => void;
}

/** What a reload can change, as `pg_reload_conf()` does: connections that are open keep what they have. */
export interface LabReload {
  readonly hba?: readonly HbaRule[];
  readonly certificate?: ServerCertificate | CertificateOptions;
  /** TLS for connections to come. */
  readonly ssl?: boolean;
  /** Whether clients are asked for a certificate; default: as when the server started, so that new lines of pg_hba.conf can need one. */
  readonly clientCertificates?: boolean;
}

export interface PostgresLab extends LabServer {
  readonly protocol: 'postgres';
  /**
   * Takes effect for connections to come (`secure_initialize` as `process_pm_reload_request` calls it). A certificate that cannot be
   * loaded changes nothing about TLS, and the log says so; what else was to be changed is.
   *
   * @returns whether all was taken
   */
  reload(changes: LabReload): Promise<boolean>;
  /** A certificate of an authority that this server trusts in its clients. */
  issueClient(commonName: string): Promise<IssuedCertificate>;
}

const VERSION = '18.4';

/** So many times as many connections as are let in are accepted, so that those beyond are refused by the server itself, with a trace. */
const TIMES_BEYOND = 2;

/** Starts the PostgreSQL lab. Rejects with the system's error when it cannot listen. */
export async function startPostgresLab(options: PostgresLabOptions = {}): Promise<PostgresLab> {
  const accounts = options.accounts ?? POSTGRES_ACCOUNTS;
  const { fault } = options;
  let ssl = options.ssl ?? fault?.server?.ssl ?? true;
  const certificates = new LabCertificates();
  const hba = options.hba ?? fault?.server?.hba ?? accounts.map(hbaRuleOf);
  const asksClients = (rules: readonly HbaRule[]) =>
    options.clientCertificates ?? rules.some(wantsCertificate);
  let clients = asksClients(hba);
  let tls = ssl ? await certificates.make(options.certificate, { fault: fault?.tls, clients }) : undefined;
  let server: PostgresServer = {
    ssl,
    ...bindingOf(tls, fault),
    clientCertificates: ssl && clients,
    hba,
    interfaces: Object.values(networkInterfaces()).flatMap((known) => known ?? []),
    roles: options.roles ?? (await Promise.all(accounts.map(roleOf))),
    databases: options.databases ?? [LAB_DATABASE.postgres, 'postgres'],
    version: VERSION,
    mockSecret: randomBytes(32),
    ...(fault?.server?.condition ? { condition: fault.server.condition } : {}),
  };
  const sessions = new Sessions();
  const log = (processId: number, effect: LogEffect | CancelEffect) => {
    if (effect.type === 'log') options.onLog?.(logLine(processId, effect));
    else options.onLog?.(`LOG:  ${sessions.cancelOutcome(effect)}`);
  };
  const most = options.maxConnections ?? LAB_LIMITS.connections;
  const silentMs = options.silentTimeoutMs ?? LAB_LIMITS.silentMs;
  const stepMs = options.handshakeTimeoutMs ?? LAB_LIMITS.stepMs;
  const loopback = await LoopbackServer.start(
    'postgres',
    {
      host: options.host ?? '127.0.0.1',
      port: options.port ?? 0,
      connections: TIMES_BEYOND * most,
      onDrop: (open) => options.onLog?.(`LOG:  connection dropped: ${open} are open already`),
    },
    async (transport, signal) => {
      const processId = sessions.nextId();
      const remoteAddress = transport.socket.remoteAddress ?? null;
      // All that connects here is this machine, and that is its name.
      const connection = { processId, remoteAddress, ...(remoteAddress ? { remoteHost: 'localhost' } : {}) };
      // `InitProcess` finds no free slot: what the client is told comes when it has sent its startup packet.
      const full = sessions.count >= most && server.condition === undefined;
      const own = full ? { ...server, condition: 'too-many-connections' as const } : server;
      const backend = new PostgresBackend(own, connection, randomBytes);
      const secure = tls?.tls;
      sessions.add(processId, backend);
      try {
        const end = await runMachine<LogEffect | CancelEffect>(
          fault?.script ? new FaultyBackend(backend, fault.script) : backend,
          {
            transport,
            signal,
            stepMs,
            totalMs: stepMs,
            silentMs,
            // Where the server is the one that goes silent, the client's patience is what is tried out.
            isSilent: () => backend.user === '' && !fault?.script,
            idleMs: LAB_LIMITS.idleMs,
            stopAtReady: false,
            startTls: (pending) => {
              if (!secure) return Promise.reject(new Error('TLS is not configured'));
              return acceptTls(transport, secure, backend.direct ? pending : undefined);
            },
            handleOther: (effect) => log(processId, effect),
          },
        );
        if (end.kind === 'timeout') options.onLog?.(`[${processId}] ${timeoutLine(backend, end.waitedMs)}`);
      } finally {
        sessions.delete(processId);
      }
    },
  );
  const { host, port } = loopback;
  const rootFile =
    tls && fault?.options?.sslmode?.startsWith('verify')
      ? await RootFile.write(tls.caCertificate)
      : undefined;
  return {
    protocol: 'postgres',
    host,
    port,
    get caCertificatePem() {
      return (ssl && tls?.caCertificate) || '';
    },
    uri: uriOf(accounts[0]?.user ?? 'app_user', host, port, {
      sslmode: ssl || fault ? 'require' : 'prefer',
      ...fault?.options,
      ...(rootFile ? { sslrootcert: rootFile.path } : {}),
    }),
    accounts,
    ...(fault ? { fault: { name: fault.name, title: fault.title } } : {}),
    get connections() {
      return loopback.connections;
    },
    onTrace: (listener) => loopback.onTrace(listener),
    reload: async (changes) => {
      const rules = changes.hba ?? server.hba;
      const asks = changes.clientCertificates ?? asksClients(rules);
      const wanted = changes.ssl ?? ssl;
      let taken = true;
      if (wanted && (changes.certificate || !tls || asks !== clients)) {
        try {
          tls = await certificates.make(changes.certificate ?? tls?.shown ?? options.certificate, {
            fault: fault?.tls,
            clients: asks,
          });
          clients = asks;
        } catch (error) {
          taken = false;
          const why = error instanceof Error ? error.message : String(error);
          options.onLog?.(`LOG:  could not load server certificate: ${why}`);
          options.onLog?.('LOG:  SSL configuration was not reloaded');
        }
      }
      if (taken || !wanted) ssl = wanted;
      server = {
        ...server,
        ssl,
        ...bindingOf(tls, fault),
        clientCertificates: ssl && clients,
        hba: rules,
      };
      return taken;
    },
    issueClient: (commonName) => certificates.issueClient(commonName),
    close: async () => {
      await loopback.close();
      await rootFile?.remove();
    },
  };
}

/** A server that gives up on a client that sent no startup packet says nothing; the lab tells who is waited for. */
function timeoutLine({ user, phase }: PostgresBackend, waitedMs: number): string {
  if (user === '') return `LOG:  no startup packet within ${waitedMs} ms: the connection is closed`;
  if (phase === 'ready') return `LOG:  no command within ${waitedMs} ms: the connection is closed`;
  return 'FATAL:  canceling authentication due to timeout';
}

function wantsCertificate(rule: HbaRule): boolean {
  return rule.method === 'cert' || rule.clientCert !== undefined;
}

function bindingOf(tls: PostgresTls | undefined, fault: Fault | undefined): { certificate?: Uint8Array } {
  return tls && !fault?.server?.noBinding ? { certificate: tls.certificate } : {};
}

function uriOf(user: string, host: string, port: number, options: Readonly<Record<string, string>>): string {
  const shownHost = host.includes(':') ? `[${host}]` : host.startsWith('/') ? encodeURIComponent(host) : host;
  const query = Object.entries(options).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `postgresql://${user}@${shownHost}:${port}/${LAB_DATABASE.postgres}?${query.join('&')}`;
}

function logLine(processId: number, entry: { level: string; message: string; detail?: string }): string {
  return `[${processId}] ${entry.level}:  ${entry.message}${entry.detail ? `\nDETAIL:  ${entry.detail}` : ''}`;
}
