import { randomBytes } from 'node:crypto';
import { DriverConnection } from '../mongodb/client';
import type { TraceError } from '../trace/model';
import { addressesOf } from './addresses';
import { runAttempt } from './attempt';
import type { Run } from './run';
import type { MongoTarget } from './target-mongo';
import type { TlsClientSettings } from './tls-client';
import { pemOf } from './trust';

/**
 * Tries the target's hosts and their addresses in order until one is ready. What the server said ends the run: another address
 * would say the same. Returns the error of the last attempt, null when connected.
 */
export async function runMongo(target: MongoTarget, run: Run): Promise<TraceError | null> {
  let error: TraceError | null = null;
  for (const host of target.hosts) {
    const found = await addressesOf(host, 'mongodb', run);
    if (!found.ok) {
      error = found.error;
      if (run.cancelled) return error;
      continue;
    }
    for (const address of found.addresses) {
      const result = await runAttempt(
        {
          protocol: 'mongodb',
          address,
          port: host.port,
          place: run.place(host.host, host.port, 'MongoDB'),
          machine: new DriverConnection({
            ...target.driver,
            password: run.password ?? target.driver.password,
            random: randomBytes,
            // The driver of the machine waits, and says in which step.
            connectTimeoutMs: 0,
          }),
          tls: await tlsSettings(target, host.host),
        },
        { ...run.context('mongodb'), onRecorder: (recorder) => run.addRecorder(recorder) },
      );
      error = result.error;
      if (result.kind !== 'unreachable' && result.kind !== 'timeout') return error;
    }
  }
  return error;
}

async function tlsSettings(target: MongoTarget, host: string): Promise<TlsClientSettings> {
  const { tls } = target;
  const verify = tls.allowInvalidCertificates ? 'none' : tls.allowInvalidHostnames ? 'chain' : 'name';
  const file = tls.certificateKeyFile;
  return {
    serverName: host,
    verify,
    authorities: tls.caFile ?? 'system',
    ...(file
      ? { certificate: await pemOf(file).catch(() => file), key: await pemOf(file).catch(() => file) }
      : {}),
    ...(tls.certificateKeyFilePassword ? { passphrase: tls.certificateKeyFilePassword } : {}),
    minVersion: 'TLSv1.2',
    reason: reasonOf(verify),
  };
}

function reasonOf(verify: TlsClientSettings['verify']): string {
  if (verify === 'none') return 'tlsAllowInvalidCertificates=true';
  return verify === 'chain' ? 'tlsAllowInvalidHostnames=true' : 'tls=true';
}
