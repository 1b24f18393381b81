import { randomBytes, randomInt, type X509Certificate } from 'node:crypto';
import dns from 'node:dns/promises';
import { checkServerIdentity } from 'node:tls';
import { DriverConnection } from '../mongodb/client/client';
import type { MongoHost } from '../mongodb/client/uri';
import { checkResolved } from '../mongodb/client/uri-check';
import type { TraceError } from '../trace/model';
import { addressesOf, unresolved } from './addresses';
import { runAttempt } from './attempt';
import { cancellable, WaitEnded } from './cancellable';
import { errorCode, type LocalFailure, localFailure } from './errors';
import { closesUnasked } from './probe';
import type { Run } from './run';
import { memberProblem, type UsedServer } from './set-members';
import { lookupSrv, type SrvAnswer, SrvError, type SrvResolver } from './srv';
import type { MongoTarget } from './target-mongo';
import type { TlsClientSettings } from './tls-client';

/**
 * Tries the target's hosts and their addresses in order until one is ready. What the server said ends the run: another address
 * would say the same. Returns the error of the last attempt, null when connected.
 */
export async function runMongo(
  written: MongoTarget,
  run: Run,
  resolver: SrvResolver = dns,
): Promise<TraceError | null> {
  for (const warning of written.warnings) {
    run.note('Connection string', warning);
    run.remark('CONNECTION_STRING', { text: warning });
  }
  const found = written.srv ? await withSrv(written, run, resolver) : { target: written };
  if ('error' in found) return found.error;
  const { target } = found;
  run.hosts = target.hosts.length;
  const last = target.hosts.at(-1);
  let error: TraceError | null = null;
  for (const host of target.hosts) {
    run.place(host.host, host.port, 'MongoDB');
    const addresses = await addressesOf(host, 'mongodb', run);
    if (!addresses.ok) {
      error = addresses.error;
      if (run.cancelled) return error;
      continue;
    }
    for (const address of addresses.addresses) {
      const { result, machine, certificate } = await tryOnce(target, host, address, run);
      error = result.error;
      // A driver passes over an arbiter and the like, if there is another host; and over a secondary while it looks for the primary.
      const passedOver = !machine.isUsable || (machine.lacksPrimary && wantsPrimary(target));
      if (error === null && passedOver && host !== last) continue;
      if (error === null) {
        await addRemarks(target, { ...host, address }, machine, certificate(), run);
        return null;
      }
      const next =
        result.kind === 'unreachable' || result.kind === 'timeout' || OF_ANOTHER_SET.has(error.code);
      if (CLOSED_ON_HELLO === error.code && machine.maxWireVersion === 0 && !target.driver.tls)
        await closesUnasked('mongodb', address, host.port, run);
      if (!next) return error;
    }
  }
  return error;
}

/** The server closed: while {@link DriverConnection.maxWireVersion} is not known, before it answered hello. */
const CLOSED_ON_HELLO = 'MONGO_CLOSED';

/** A driver drops such a server and goes on with the others of its list. */
const OF_ANOTHER_SET: ReadonlySet<string> = new Set(['MONGO_REPLICA_SET']);

async function tryOnce(target: MongoTarget, host: MongoHost, address: string, run: Run) {
  const machine = new DriverConnection({
    ...target.driver,
    password: run.password ?? target.driver.password,
    random: randomBytes,
    // The driver of the machine waits, and says in which step.
    connectTimeoutMs: 0,
  });
  let leaf: X509Certificate | undefined;
  const tls = tlsSettings(target, host.host);
  const result = await runAttempt(
    {
      protocol: 'mongodb',
      address,
      port: host.port,
      place: run.place(host.host, host.port, 'MongoDB'),
      machine,
      tls: {
        ...tls,
        matches: (name, certificate) => {
          leaf = certificate;
          return tls.matches(name, certificate);
        },
      },
    },
    { ...run.context('mongodb'), onRecorder: (recorder) => run.addRecorder(recorder) },
  );
  return { result, machine, certificate: () => leaf };
}

/** What would trouble an application although this connection is good. */
async function addRemarks(
  target: MongoTarget,
  used: UsedServer,
  machine: DriverConnection,
  certificate: X509Certificate | undefined,
  run: Run,
): Promise<void> {
  if (certificate && certificate.subjectAltName === undefined)
    run.remark('CERTIFICATE_WITHOUT_SAN', { subject: certificate.subject.replaceAll('\n', ', ') });
  if (target.options.directConnection || target.options.loadBalanced) return;
  if (machine.isHidden) run.remark('HIDDEN_MEMBER', { server: `${used.host}:${used.port}` });
  const problem = await memberProblem(machine.members, used, run);
  // With some of them a driver may still find the one that it needs.
  if (problem) {
    if (problem.lost === problem.members) run.fail('MEMBERS_NOT_REACHABLE', problem);
    else run.remark('MEMBERS_NOT_REACHABLE', problem);
  }
  if (machine.lacksPrimary && wantsPrimary(target)) run.fail('NO_PRIMARY', {});
}

/** A driver of this connection string goes to the primary alone: `readPreference` allows no other member, and none is named alone. */
function wantsPrimary({ options }: MongoTarget): boolean {
  if (options.directConnection || options.loadBalanced) return false;
  return (options.readPreference ?? 'primary') === 'primary';
}

/** The target with the hosts and options that DNS has for it. TLS is on unless it was turned off. */
async function withSrv(
  target: MongoTarget,
  run: Run,
  resolver: SrvResolver,
): Promise<{ readonly target: MongoTarget } | { readonly error: TraceError }> {
  const [{ host }] = target.hosts;
  run.progress('resolve', `Looking up the SRV record of ${host}`);
  let answer: SrvAnswer;
  try {
    answer = await cancellable<SrvAnswer>(
      { timeoutMs: run.timeoutMs, signal: run.signal },
      (resolve, reject) => {
        lookupSrv(host, target.options.srvServiceName ?? 'mongodb', resolver).then(resolve, reject);
        return undefined;
      },
    );
  } catch (error) {
    return { error: unresolved(error, target.hosts[0], 'mongodb', run, srvProblem(error, host)) };
  }
  const chosen = chooseHosts(answer.hosts, target.options.srvMaxHosts ?? 0);
  const names = answer.hosts.map((found) => `${found.host}:${found.port}`).join(', ');
  run.note('Resolve SRV', `${host} is ${names}`, undefined, 'resolve');
  const options = { ...answer.options, ...target.options };
  const [conflict] = checkResolved(options, answer.hosts.length);
  if (conflict) {
    const text = `${conflict.message}: so it is once the DNS records of ${host} are read. Correct the connection string or the records.`;
    const failure = localFailure(undefined, 'LIVE_SRV_REFUSED', { host, text });
    return { error: unresolved(new SrvError(text), target.hosts[0], 'mongodb', run, failure) };
  }
  const { authSource, replicaSet, loadBalanced } = options;
  const driver = {
    tls: true,
    ...target.driver,
    ...(authSource ? { authSource } : {}),
    ...(replicaSet ? { replicaSet } : {}),
    ...(loadBalanced === undefined ? {} : { loadBalanced }),
  };
  return { target: { ...target, hosts: chosen, options, driver } };
}

/** `srvMaxHosts` of the hosts, taken at random; 0 takes all (Initial DNS Seedlist Discovery specification). */
function chooseHosts(hosts: readonly MongoHost[], most: number): readonly MongoHost[] {
  if (most === 0 || hosts.length <= most) return hosts;
  const left = [...hosts];
  return Array.from({ length: most }, () => left.splice(randomInt(left.length), 1)[0]);
}

/** The causes of a refused connection or an unknown host would be about the wrong server here. */
function srvProblem(error: unknown, host: string): LocalFailure {
  if (error instanceof SrvError)
    return localFailure(undefined, 'LIVE_SRV_REFUSED', { host, text: error.message });
  const why = error instanceof WaitEnded ? 'no answer in time' : errorCode(error) || String(error);
  return localFailure(undefined, 'LIVE_SRV_NOT_FOUND', { host, why }, errorCode(error) || undefined);
}

function tlsSettings({ options }: MongoTarget, host: string): TlsClientSettings {
  const anyCertificate = options.tlsAllowInvalidCertificates || options.tlsInsecure;
  const verify = anyCertificate ? 'none' : options.tlsAllowInvalidHostnames ? 'chain' : 'name';
  const file = options.tlsCertificateKeyFile;
  const passphrase = options.tlsCertificateKeyFilePassword;
  return {
    serverName: host,
    verify,
    authorities: options.tlsCAFile ?? 'system',
    // One file holds both.
    ...(file ? { certificate: file, key: file } : {}),
    ...(passphrase ? { passphrase } : {}),
    minVersion: 'TLSv1.2',
    matches: (name, certificate) => checkServerIdentity(name, certificate.toLegacyObject()) === undefined,
    reason: REASONS[verify],
  };
}

const REASONS = {
  none: 'tlsAllowInvalidCertificates=true',
  chain: 'tlsAllowInvalidHostnames=true',
  name: 'tls=true',
} as const;
