import { isIP } from 'node:net';
import { seconds } from '../diagnosis/timing';
import type { Protocol, TraceError } from '../trace/model';
import { WaitEnded } from './cancellable';
import { errorCode, type LocalFailure, localFailure } from './errors';
import { ConnectionRecorder } from './recorder';
import { resolveHost } from './resolve';
import type { Run } from './run';

export interface Place {
  readonly host: string;
  readonly hostaddr?: string | null;
  readonly port: number;
}

export type Addresses =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly error: TraceError };

/**
 * Where to connect to for a host, in order: the path of a Unix socket, a given address, or what the resolver says. A name that
 * does not resolve becomes a recording of its own, which holds nothing but that.
 */
export async function addressesOf(place: Place, protocol: Protocol, run: Run): Promise<Addresses> {
  const { host, port } = place;
  if (place.hostaddr) {
    if (isIP(place.hostaddr) !== 0) return { ok: true, addresses: [place.hostaddr] };
    return { ok: false, error: notAnAddress(place.hostaddr, place, protocol, run) };
  }
  if (host.startsWith('/')) {
    return { ok: true, addresses: [protocol === 'postgres' ? `${host}/.s.PGSQL.${port}` : host] };
  }
  run.progress('resolve', `Looking up ${host}`);
  try {
    const addresses = await resolveHost(host, run.timeoutMs, run.signal);
    if (addresses[0] !== host) {
      run.note('Resolve name', `${host} is ${addresses.join(', ')}`, undefined, 'resolve');
    }
    return { ok: true, addresses };
  } catch (error) {
    return { ok: false, error: unresolved(error, place, protocol, run) };
  }
}

/**
 * Records a look-up that failed, and gives its error.
 * @param given the cause, where it is another one than the look-up's.
 */
export function unresolved(
  error: unknown,
  { host, port }: Place,
  protocol: Protocol,
  run: Run,
  given?: LocalFailure,
): TraceError {
  const recorder = new ConnectionRecorder('live', protocol, { address: host, port });
  run.addRecorder(recorder);
  if (error instanceof WaitEnded && error.code === 'CANCELLED') {
    const { error: shown, cause } = localFailure(undefined, 'LIVE_CANCELLED', { host }, 'CANCELLED');
    recorder.local({ kind: 'cancelled', message: 'Cancelled', summary: shown.message, error: shown, cause });
    run.cancelled = true;
    return shown;
  }
  const late = error instanceof WaitEnded;
  const failure = given ?? lookupFailure(error, host, late ? run.timeoutMs : undefined);
  recorder.local({
    kind: late ? 'timeout' : 'resolve',
    message: 'Resolve name',
    summary: failure.error.message,
    ...failure,
  });
  return failure.error;
}

function lookupFailure(error: unknown, host: string, waitedMs: number | undefined): LocalFailure {
  const code = errorCode(error);
  if (waitedMs !== undefined || code === 'EAI_AGAIN' || code === 'ETIMEOUT') {
    const waited = waitedMs === undefined ? undefined : seconds(waitedMs);
    return localFailure(undefined, 'LIVE_NAME_SERVER_SILENT', { host, seconds: waited }, 'EAI_AGAIN');
  }
  return localFailure(undefined, 'LIVE_NAME_NOT_FOUND', { host }, code || 'ENOTFOUND');
}

/** `hostaddr` is never looked up (`PQconnectPoll`, CHT_HOST_ADDRESS). */
function notAnAddress(text: string, { host, port }: Place, protocol: Protocol, run: Run): TraceError {
  const recorder = new ConnectionRecorder('live', protocol, { address: host, port });
  run.addRecorder(recorder);
  const failure = localFailure(undefined, 'LIVE_NOT_AN_ADDRESS', { address: text }, 'BAD_HOSTADDR');
  recorder.local({ kind: 'resolve', message: 'Read address', summary: failure.error.message, ...failure });
  return failure.error;
}
