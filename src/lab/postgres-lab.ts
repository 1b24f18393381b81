import { pbkdf2, randomBytes, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import { postgresMd5Stored } from '../auth/md5';
import { formatPostgresVerifier } from '../auth/postgres-verifier';
import { postgresPassword } from '../auth/saslprep';
import { SCRAM_KEY_LENGTH, verifierFromSalted } from '../auth/scram-keys';
import { equalBytes } from '../base/bytes';
import { runMachine } from '../live/driver';
import { PostgresBackend } from '../postgres/backend';
import type {
  CancelEffect,
  HbaMethod,
  HbaRule,
  LogEffect,
  PostgresServer,
  Role,
} from '../postgres/backend-options';
import { ALPN_PROTOCOL } from '../postgres/constants';
import { LAB_DATABASE, type LabAccount, POSTGRES_ACCOUNTS } from './accounts';
import type { CertificateOptions, ServerCertificate } from './certificates';
import { LAB_LIMITS, type LabOptions, type LabServer } from './lab-server';
import { LoopbackServer } from './loopback-server';
import { acceptTls, type ServerTls, serverTls } from './tls-server';

export interface PostgresLabOptions extends LabOptions {
  /** Users and how they are let in; default {@link POSTGRES_ACCOUNTS}. */
  readonly accounts?: readonly LabAccount[];
  /** Lines of pg_hba.conf; by default one for each account. */
  readonly hba?: readonly HbaRule[];
  readonly databases?: readonly string[];
  /** TLS: default true. */
  readonly ssl?: boolean;
  /** A certificate made before, or what kind to make now. */
  readonly certificate?: ServerCertificate | CertificateOptions;
  readonly onLog?: (line: string) => void;
}

type OtherEffect = LogEffect | CancelEffect;

const VERSION = '18.4';
/** PostgreSQL's default (`SCRAM_SHA_256_DEFAULT_ITERATIONS`). */
const ITERATIONS = 4096;

/** Starts the PostgreSQL lab. Rejects with the system's error when it cannot listen. */
export async function startPostgresLab(options: PostgresLabOptions = {}): Promise<LabServer> {
  const accounts = options.accounts ?? POSTGRES_ACCOUNTS;
  const certificate = (options.ssl ?? true) ? await certificateOf(options.certificate) : undefined;
  const tls = certificate && serverTls(certificate, { alpn: [ALPN_PROTOCOL] });
  const server: PostgresServer = {
    ssl: tls !== undefined,
    ...(certificate ? { certificate: derOf(certificate) } : {}),
    hba: options.hba ?? accounts.map(hbaRule),
    roles: await Promise.all(accounts.map(roleOf)),
    databases: options.databases ?? [LAB_DATABASE.postgres, 'postgres'],
    version: VERSION,
    mockSecret: randomBytes(32),
  };
  const sessions = new Sessions();
  const loopback = await LoopbackServer.start(
    'postgres',
    { host: options.host ?? '127.0.0.1', port: options.port ?? 0 },
    async (transport, signal) => {
      const connection = {
        processId: sessions.nextId(),
        remoteAddress: transport.recorder.client.address,
      };
      const backend = new PostgresBackend(server, connection, randomBytes);
      sessions.add(connection.processId, backend);
      try {
        await runMachine<OtherEffect>(backend, {
          transport,
          signal,
          stepMs: options.handshakeTimeoutMs ?? LAB_LIMITS.stepMs,
          totalMs: options.handshakeTimeoutMs ?? LAB_LIMITS.stepMs,
          idleMs: LAB_LIMITS.idleMs,
          stopAtReady: false,
          startTls: (pending) =>
            acceptTls(
              transport,
              tls as ServerTls,
              isDirect(pending, transport.recorder.firstBytes('client')) ? pending : undefined,
            ),
          handleOther: (effect) => {
            if (effect.type === 'log') options.onLog?.(logLine(connection.processId, effect));
            else if (effect.type === 'cancel') options.onLog?.(`LOG:  ${sessions.cancelOutcome(effect)}`);
          },
        });
      } finally {
        sessions.delete(connection.processId);
      }
    },
  );
  const { host, port } = loopback;
  const first = accounts[0]?.user ?? 'app_user';
  return {
    protocol: 'postgres',
    host,
    port,
    caCertificatePem: certificate?.caCertificate ?? '',
    uri: `postgresql://${first}@${host.includes(':') ? `[${host}]` : host}:${port}/${LAB_DATABASE.postgres}?sslmode=${tls ? 'require' : 'prefer'}`,
    accounts,
    get connections() {
      return loopback.connections;
    },
    onTrace: (listener) => loopback.onTrace(listener),
    close: () => loopback.close(),
  };
}

/** TLS came first on this connection: what TLS needs was already read, and nothing before it. */
function isDirect(pending: Uint8Array, first: Uint8Array): boolean {
  return first[0] === 0x16 && pending[0] === 0x16;
}

/** Process ids as a real server would have them, and whose they are. */
class Sessions {
  #last = 1000;
  readonly #backends = new Map<number, PostgresBackend>();

  nextId(): number {
    this.#last = this.#last >= 0x7fff_ffff ? 1001 : this.#last + 1;
    return this.#last;
  }

  add(processId: number, backend: PostgresBackend): void {
    this.#backends.set(processId, backend);
  }

  delete(processId: number): void {
    this.#backends.delete(processId);
  }

  /** What the log says of a CancelRequest (`processCancelRequest`). Nothing runs long enough here to be cancelled. */
  cancelOutcome(request: { readonly processId: number; readonly secretKey: Uint8Array }): string {
    const { processId, secretKey } = request;
    const backend = this.#backends.get(processId);
    if (!backend) return `PID ${processId} in cancel request did not match any process`;
    const right = equalBytes(backend.cancelKey, secretKey);
    return right
      ? `cancel request for process ${processId}`
      : `wrong key in cancel request for process ${processId}`;
  }
}

function hbaRule(account: LabAccount): HbaRule {
  return { type: 'host', database: 'all', user: [account.user], method: account.mechanism as HbaMethod };
}

async function roleOf(account: LabAccount): Promise<Role> {
  if (account.password === '') return { name: account.user, password: null };
  if (account.mechanism === 'md5') {
    return { name: account.user, password: postgresMd5Stored(account.user, account.password) };
  }
  const salt = randomBytes(16);
  const length = SCRAM_KEY_LENGTH.sha256;
  const salted = await promisify(pbkdf2)(
    postgresPassword(account.password),
    salt,
    ITERATIONS,
    length,
    'sha256',
  );
  const verifier = verifierFromSalted('sha256', new Uint8Array(salted), salt, ITERATIONS);
  return { name: account.user, password: formatPostgresVerifier(verifier) };
}

async function certificateOf(
  given: ServerCertificate | CertificateOptions | undefined,
): Promise<ServerCertificate> {
  if (given && 'certificate' in given) return given;
  // Heavy, and only needed here: loaded when the first lab starts.
  const { makeServerCertificate } = await import('./certificates');
  return makeServerCertificate(given);
}

function derOf(certificate: ServerCertificate): Uint8Array {
  return new Uint8Array(new X509Certificate(certificate.certificate).raw);
}

function logLine(processId: number, entry: { level: string; message: string; detail?: string }): string {
  return `[${processId}] ${entry.level}:  ${entry.message}${entry.detail ? `\nDETAIL:  ${entry.detail}` : ''}`;
}
