import { randomBytes } from 'node:crypto';
import { PostgresClient } from '../postgres/client';
import type { PostgresClientOptions } from '../postgres/client-options';
import { type Attempt, ConnectionPolicy, type Decision } from '../postgres/policy';
import type { HostSetting } from '../postgres/settings';
import type { TraceError } from '../trace/model';
import { addressesOf } from './addresses';
import { type AttemptResult, runAttempt } from './attempt';
import { postgresTls, rootCertificates, tlsProblem } from './postgres-tls';
import type { ConnectionRecorder } from './recorder';
import type { Run } from './run';
import { operatingSystemUser } from './target';
import type { PostgresTarget } from './target-postgres';

/**
 * Tries the target as libpq does: hosts in order, the addresses of each, and on each address the encryption methods that
 * `ConnectionPolicy` gives. Returns the error of the last attempt, null when connected.
 */
export async function runPostgres(target: PostgresTarget, run: Run): Promise<TraceError | null> {
  let error: TraceError | null = null;
  for (const host of target.settings.hosts) {
    const found = await addressesOf(host, 'postgres', run);
    if (!found.ok) {
      error = found.error;
      if (run.cancelled) return error;
      continue;
    }
    const result = await tryHost(target, host, found.addresses, run);
    error = result.error;
    if (result.over) return error;
  }
  return error;
}

async function tryHost(
  target: PostgresTarget,
  host: HostSetting,
  addresses: readonly string[],
  run: Run,
): Promise<{ readonly over: boolean; readonly error: TraceError | null }> {
  let error: TraceError | null = null;
  for (const address of addresses) {
    const policy = new ConnectionPolicy({
      sslmode: target.settings.sslmode,
      sslnegotiation: target.settings.sslnegotiation,
      rootCertificate: rootCertificates(target) !== undefined,
      unixSocket: address.startsWith('/'),
    });
    let attempt: Attempt | undefined = policy.first();
    while (attempt) {
      const { result, decision } = await tryOnce(target, host, address, attempt, policy, run);
      error = result.error;
      if (result.kind === 'ready' || result.kind === 'cancelled') return { over: true, error };
      attempt = undefined;
      switch (decision.action) {
        case 'reconnect':
          run.note('Try again', decision.rule.reason, decision.rule.source);
          attempt = decision.attempt;
          break;
        case 'next-address':
          break;
        case 'next-host':
          return { over: false, error };
        default:
          return { over: true, error };
      }
    }
  }
  return { over: false, error };
}

async function tryOnce(
  target: PostgresTarget,
  host: HostSetting,
  address: string,
  attempt: Attempt,
  policy: ConnectionPolicy,
  run: Run,
): Promise<{ readonly result: AttemptResult; readonly decision: Decision }> {
  const machine = new PostgresClient(clientOptions(target, attempt, run.password), randomBytes);
  const place = run.place(host.host || address, host.port, 'PostgreSQL');
  let recorder: ConnectionRecorder | undefined;
  const result = await runAttempt(
    {
      protocol: 'postgres',
      address,
      port: host.port,
      place,
      machine,
      tls: postgresTls(target, host, attempt.verify),
      tlsProblem: tlsProblem(target, host, attempt.verify),
    },
    {
      ...run.context('postgres'),
      onRecorder: (made) => {
        recorder = made;
        run.addRecorder(made);
      },
    },
  );
  // The machine has no GSSAPI request to make: the first byte of the server answers SSLRequest.
  const refused = attempt.encryption === 'ssl' && recorder?.firstBytes('server')[0] === 0x4e;
  return { result, decision: policy.next(failureKind(result, machine), refused) };
}

function failureKind(
  result: AttemptResult,
  machine: PostgresClient,
): Parameters<ConnectionPolicy['next']>[0] {
  // A wait that ran out goes to the next address (`pqConnectDBComplete`, try_next_addr).
  if (result.kind === 'unreachable' || result.kind === 'timeout') return 'transport';
  return machine.failure?.kind ?? 'final';
}

function clientOptions(
  target: PostgresTarget,
  attempt: Attempt,
  password: string | undefined,
): PostgresClientOptions {
  const { settings } = target;
  return {
    user: settings.user ?? operatingSystemUser(),
    database: settings.database,
    password: password ?? settings.password,
    applicationName: settings.applicationName ?? 'handshake-inspector',
    options: settings.options,
    replication: settings.replication,
    clientEncoding: settings.clientEncoding,
    encryption: attempt.encryption,
    plainAfterRefusal: attempt.plainAfterRefusal,
    channelBinding: settings.channelBinding,
    requireAuth: settings.requireAuth,
    minProtocolVersion: settings.minProtocolVersion,
    maxProtocolVersion: settings.maxProtocolVersion,
  };
}
