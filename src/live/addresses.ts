import { isIP } from 'node:net';
import type { Protocol, TraceError } from '../trace/model';
import { seconds } from './attempt';
import { WaitEnded } from './cancellable';
import { errorCode, errorWords } from './errors';
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
 * @param given what to say instead of the words for the error's code.
 */
export function unresolved(
  error: unknown,
  { host, port }: Place,
  protocol: Protocol,
  run: Run,
  given?: string,
): TraceError {
  const recorder = new ConnectionRecorder('live', protocol, { address: host, port });
  run.addRecorder(recorder);
  if (error instanceof WaitEnded && error.code === 'CANCELLED') {
    const cancelled: TraceError = {
      from: 'client',
      code: 'CANCELLED',
      message: `Cancelled while looking up ${host}.`,
    };
    recorder.local({ kind: 'cancelled', message: 'Cancelled', summary: cancelled.message, error: cancelled });
    run.cancelled = true;
    return cancelled;
  }
  const late = error instanceof WaitEnded;
  const code = late ? 'EAI_AGAIN' : errorCode(error);
  const text = error instanceof Error ? error.message : String(error);
  const words = errorWords(
    code,
    text,
    run.place(host, port, protocol === 'postgres' ? 'PostgreSQL' : 'MongoDB'),
  );
  const waited = late ? ` It was waited for ${seconds(run.timeoutMs)} while looking up the name.` : '';
  const message = given ?? `${words.message}${waited} ${words.next}`;
  const shown: TraceError = { from: 'client', code: words.code, message };
  recorder.local({
    kind: late ? 'timeout' : 'resolve',
    message: 'Resolve name',
    summary: given ?? words.message,
    error: shown,
  });
  return shown;
}

/** `hostaddr` is never looked up (`PQconnectPoll`, CHT_HOST_ADDRESS). */
function notAnAddress(text: string, { host, port }: Place, protocol: Protocol, run: Run): TraceError {
  const recorder = new ConnectionRecorder('live', protocol, { address: host, port });
  run.addRecorder(recorder);
  const message = `could not parse network address "${text}": hostaddr takes an IPv4 or IPv6 address; give names as host.`;
  const error: TraceError = { from: 'client', code: 'BAD_HOSTADDR', message };
  recorder.local({ kind: 'resolve', message: 'Read address', summary: message, error });
  return error;
}
