import { randomBytes, randomInt } from 'node:crypto';
import { PostgresClient } from '../postgres/client/client';
import type { PostgresClientOptions } from '../postgres/client/client-options';
import { type Attempt, ConnectionPolicy, type Decision } from '../postgres/client/policy';
import type { TargetSessionAttrs } from '../postgres/options/option-values';
import type { HostSetting } from '../postgres/options/settings';
import type { TraceError } from '../trace/model';
import { addressesOf } from './addresses';
import { type AttemptResult, runAttempt } from './attempt';
import { postgresTls, rootCertificates, tlsProblem } from './postgres-tls';
import type { ConnectionRecorder } from './recorder';
import type { Run } from './run';
import { operatingSystemUser } from './target';
import type { PostgresTarget } from './target-postgres';

/**
 * Tries the target as libpq does: hosts in order (or in random order), the addresses of each, and on each address the encryption
 * methods that `ConnectionPolicy` gives. Returns the error of the last attempt, null when connected.
 */
export async function runPostgres(target: PostgresTarget, run: Run): Promise<TraceError | null> {
  const { hosts, loadBalanceHosts, targetSessionAttrs } = target.settings;
  for (const warning of target.warnings) {
    run.note('Password file', warning);
    run.remark('PASSWORD_FILE', { text: warning });
  }
  run.hosts = hosts.length;
  const order = loadBalanceHosts ? shuffled(hosts) : hosts;
  let error: TraceError | null = null;
  // prefer-standby goes through the list twice: for a standby, then for anything (SERVER_TYPE_PREFER_STANDBY_PASS2).
  for (const wanted of targetSessionAttrs === 'prefer-standby' ? PREFER_STANDBY : [targetSessionAttrs]) {
    for (const host of order) {
      // A host that has no address is a host that was tried.
      run.place(host.host || (host.hostaddr ?? ''), host.port, 'PostgreSQL');
      const found = await addressesOf(host, 'postgres', run);
      if (!found.ok) {
        error = found.error;
        if (run.cancelled) return error;
        continue;
      }
      const addresses = loadBalanceHosts ? shuffled(found.addresses) : found.addresses;
      const result = await tryHost(target, host, addresses, wanted, run);
      error = result.error;
      if (result.over) return error;
    }
  }
  return error;
}

/** ERRCODE_INVALID_PASSWORD. */
const PASSWORD_REFUSED = '28P01';

const PREFER_STANDBY = ['standby', 'any'] as const;

function shuffled<T>(list: readonly T[]): T[] {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}

async function tryHost(
  target: PostgresTarget,
  host: HostSetting,
  addresses: readonly string[],
  wanted: TargetSessionAttrs,
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
    // connect_timeout is for all attempts at one address (`pqConnectDBComplete`).
    const { connectTimeout } = target.settings;
    const deadline = connectTimeout > 0 ? run.clock + connectTimeout * 1000 : undefined;
    let attempt: Attempt | undefined = policy.first();
    while (attempt) {
      const { result, decision } = await tryOnce(
        target,
        host,
        address,
        attempt,
        wanted,
        deadline,
        policy,
        run,
      );
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
  wanted: TargetSessionAttrs,
  deadline: number | undefined,
  policy: ConnectionPolicy,
  run: Run,
): Promise<{ readonly result: AttemptResult; readonly decision: Decision }> {
  const withheld = run.passwordGuard?.refused ?? false;
  const options = {
    ...clientOptions(target, attempt, run.password ?? host.password),
    ...(withheld ? { password: undefined } : {}),
    targetSessionAttrs: wanted,
    requirePeer: address.startsWith('/') ? target.settings.requirePeer : undefined,
  };
  const machine = new PostgresClient(options, randomBytes);
  const place = run.place(host.host || address, host.port, 'PostgreSQL');
  const tls = postgresTls(target, host, attempt.verify);
  let recorder: ConnectionRecorder | undefined;
  const result = await runAttempt(
    {
      protocol: 'postgres',
      address,
      port: host.port,
      place,
      machine,
      tls,
      asksForTls: attempt.encryption === 'ssl',
      tlsProblem: tlsProblem(target, tls, place),
    },
    {
      ...run.context('postgres'),
      totalMs: deadline === undefined ? undefined : Math.max(1, deadline - run.clock),
      onRecorder: (made) => {
        recorder = made;
        run.addRecorder(made);
      },
    },
  );
  if (run.passwordGuard && result.error?.code === PASSWORD_REFUSED) run.passwordGuard.refused = true;
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
  const user = settings.user ?? operatingSystemUser();
  return {
    user,
    database: settings.database ?? user,
    password: password ?? settings.password,
    applicationName: attempt.named ? (settings.applicationName ?? 'handshake-inspector') : undefined,
    options: settings.options,
    replication: settings.replication,
    clientEncoding: settings.clientEncoding,
    parameters: settings.parameters,
    encryption: attempt.encryption,
    plainAfterRefusal: attempt.plainAfterRefusal,
    channelBinding: settings.channelBinding,
    requireAuth: settings.requireAuth,
    requireCertificate: settings.sslcertmode === 'require',
    minProtocolVersion: settings.minProtocolVersion,
    maxProtocolVersion: settings.maxProtocolVersion,
  };
}
