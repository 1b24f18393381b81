import type { Machine, MachineError, TlsOutcome } from '../base/machine';
import { seconds } from '../diagnosis/timing';
import { stepWords } from '../diagnosis/words/en/steps';
import type { LocalCause } from '../trace/local';
import type { Protocol, TraceError } from '../trace/model';
import { WaitEnded } from './cancellable';
import { dial } from './dial';
import { type RunEnd, runMachine } from './driver';
import { connectFailure, type ErrorPlace, errorCode, localFailure } from './errors';
import { ConnectionRecorder } from './recorder';
import { type LocalProblem, prepareClientTls, startClientTls, type TlsClientSettings } from './tls-client';
import { Transport } from './transport';

/** One TCP connection to be tried. */
export interface AttemptPlan<M extends Machine> {
  readonly protocol: Protocol;
  /** IP literal or path of a Unix socket. */
  readonly address: string;
  readonly port: number;
  readonly place: ErrorPlace;
  readonly machine: M;
  readonly tls: TlsClientSettings;
  /** The server is asked in the clear whether it has TLS: meanwhile our part of it is made ready. */
  readonly asksForTls?: boolean;
  /** Why TLS cannot even begin, such as a root certificate that is not there. */
  readonly tlsProblem?: LocalProblem;
}

/** What a client machine may have besides: libpq's has a state before the connection, and a goodbye (Terminate). */
type ClientMachine = Machine & { handleConnecting?(): void; terminate?(): void };

/** What all attempts of one run share. */
export interface RunContext {
  readonly signal: AbortSignal | undefined;
  /** Longest wait in one state, milliseconds. */
  readonly timeoutMs: number;
  /** Longest attempt, milliseconds; several waits when absent. */
  readonly totalMs?: number;
  askPassword(signal: AbortSignal): Promise<string | undefined>;
  onState(state: string): void;
  /** Called once the attempt's recorder exists, before anything happens on the wire. */
  onRecorder(recorder: ConnectionRecorder): void;
}

/** How an attempt ended. `error` is null when it is ready. */
export interface AttemptResult {
  readonly kind: RunEnd['kind'] | 'unreachable';
  readonly error: TraceError | null;
}

/** What is known of the attempt's TLS. */
interface TlsStory {
  /** Why the handshake failed. */
  error?: LocalProblem;
}

/** A run may change states for longer than one wait, but not for ever. */
const TOTAL_FACTOR = 6;
const MARGIN_MS = 10;

/**
 * Opens one connection, runs the machine on it, says goodbye and destroys the socket, whatever happened. What never crossed the
 * wire (a refused certificate, a time-out, a cancel) is recorded as a local event. Never rejects.
 */
export async function runAttempt<M extends ClientMachine>(
  plan: AttemptPlan<M>,
  context: RunContext,
): Promise<AttemptResult> {
  const recorder = new ConnectionRecorder('live', plan.protocol, {
    address: plan.address,
    port: plan.port,
  });
  context.onRecorder(recorder);
  plan.machine.handleConnecting?.();
  context.onState(plan.machine.state);
  const started = Date.now();
  const totalMs = context.totalMs ?? context.timeoutMs * TOTAL_FACTOR;
  let transport: Transport;
  try {
    const timeoutMs = Math.min(context.timeoutMs, totalMs);
    const socket = await dial({ ...plan, timeoutMs, signal: context.signal }, recorder);
    transport = new Transport(socket, 'client', recorder);
  } catch (error) {
    return unreachable(error, plan, recorder, Date.now() - started);
  }
  const tls: TlsStory = {};
  let prepared: Promise<void> | undefined;
  try {
    const running = runMachine(plan.machine, {
      transport,
      signal: context.signal,
      stepMs: context.timeoutMs,
      // Where both would end, the wait in one state ends first: it can say what was waited for.
      totalMs: totalMs + MARGIN_MS,
      stopAtReady: true,
      startTls: async (): Promise<TlsOutcome> => {
        await prepared;
        const outcome = plan.tlsProblem
          ? { ok: false, alpn: null, version: null, peerCertificate: null, error: plan.tlsProblem }
          : await startClientTls(transport, plan.tls, plan.place);
        tls.error = outcome.error;
        return outcome;
      },
      askPassword: context.askPassword,
      onState: context.onState,
    });
    // The request has left by now.
    if (plan.asksForTls && !plan.tlsProblem) prepared = prepareClientTls(transport, plan.tls);
    const end = await running;
    const error = conclude(end, plan, recorder, tls);
    if (end.kind === 'ready') sayGoodbye(plan.machine, transport);
    if (end.kind === 'ready' || end.kind === 'failed' || end.kind === 'closed') await transport.end();
    return { kind: end.kind, error };
  } finally {
    transport.destroy();
  }
}

/** A machine that knows a polite goodbye (PostgreSQL's Terminate) writes it; the close itself is ours. */
function sayGoodbye(machine: ClientMachine, transport: Transport): void {
  machine.terminate?.();
  for (let effect = machine.pollEffect(); effect; effect = machine.pollEffect()) {
    if (effect.type === 'write') transport.write(effect.bytes);
  }
}

function unreachable(
  error: unknown,
  plan: AttemptPlan<Machine>,
  recorder: ConnectionRecorder,
  waitedMs: number,
): AttemptResult {
  if (error instanceof WaitEnded && error.code === 'CANCELLED') {
    return { kind: 'cancelled', error: cancelled(plan, recorder, plan.machine.state, false) };
  }
  const late = error instanceof WaitEnded;
  const socketPath = plan.address.startsWith('/') ? plan.address : undefined;
  const waited = seconds(waitedMs);
  const failure = late
    ? localFailure(plan.place, 'TCP_NO_ANSWER', { times: 1, seconds: waited, waited }, 'ETIMEDOUT')
    : connectFailure(error, plan.place, socketPath, waited);
  const shown: TraceError = failure?.error ?? {
    from: 'client',
    code: errorCode(error),
    message: `connection refused by ${plan.place.target}`,
  };
  recorder.local({
    kind: late ? 'timeout' : 'connect',
    message: 'Open TCP connection',
    summary: shown.message,
    error: shown,
    ...(failure ? { cause: failure.cause } : {}),
  });
  return { kind: 'unreachable', error: shown };
}

/** Turns the end of a run into its error, and records what an observer of the wire could not know. */
function conclude(
  end: RunEnd,
  plan: AttemptPlan<ClientMachine>,
  recorder: ConnectionRecorder,
  tls: TlsStory,
): TraceError | null {
  switch (end.kind) {
    case 'ready':
      return null;
    case 'cancelled':
      return cancelled(plan, recorder, end.state, end.duringTls);
    case 'timeout':
      return timedOut(end, plan, recorder);
    case 'closed':
      return { from: 'server', code: 'SERVER_CLOSED', message: 'the server closed the connection' };
    case 'failed':
      return failed(end.error, plan, recorder, tls);
    default: {
      const never: never = end;
      return never;
    }
  }
}

/** Who was silent, and at which step, is on the wire; that a handshake went on for too long, or nobody gave a password, is not. */
function timedOut(
  end: Extract<RunEnd, { kind: 'timeout' }>,
  plan: AttemptPlan<Machine>,
  recorder: ConnectionRecorder,
): TraceError {
  const { place, protocol } = plan;
  const doing = stepWords(protocol, end.state, end.waitedFor === 'tls');
  const waited = seconds(end.waitedMs);
  const failure =
    end.waitedFor === 'password'
      ? localFailure(place, 'LIVE_NO_PASSWORD', {}, 'TIMEOUT')
      : end.waitedFor === 'end'
        ? localFailure(place, 'LIVE_KEPT_WAITING', { protocol, state: end.state, seconds: waited }, 'TIMEOUT')
        : undefined;
  const error: TraceError = failure?.error ?? {
    from: 'client',
    code: 'TIMEOUT',
    message: `no answer from ${place.target} within ${waited} s while ${doing}`,
  };
  const summary = `gave up after ${waited} s while ${doing}`;
  recorder.local({ kind: 'timeout', message: 'Time-out', summary, error, ...failure });
  return error;
}

function failed(
  machine: MachineError,
  plan: AttemptPlan<ClientMachine>,
  recorder: ConnectionRecorder,
  tls: TlsStory,
): TraceError {
  const { from, code, message } = machine;
  const error: TraceError = { from, code, message };
  // What the server said or did crossed the wire, and the observer tells it; a refused certificate has its event already.
  if (from === 'server' || recorder.hasLocalError()) return error;
  const cause = tls.error === machine ? tls.error.cause : causeOf(machine, plan);
  const kind = tls.error ? 'tls' : 'note';
  recorder.local({ kind, message: 'Give up', summary: message, error, ...(cause ? { cause } : {}) });
  return error;
}

/** Refusals of the machines that no byte explains: what the connection string asks for, and what this client cannot do. */
function causeOf(
  { code, got, expected }: MachineError,
  { place }: AttemptPlan<Machine>,
): LocalCause | undefined {
  switch (code) {
    case 'NO_PASSWORD':
      return place.product === 'MongoDB' ? localFailure(place, 'LIVE_NO_PASSWORD').cause : undefined;
    case 'MONGO_REPLICA_SET':
      return localFailure(place, 'MONGO_SET_NAME', {
        setName: got === 'none' ? undefined : got,
        wanted: expected,
      }).cause;
    case 'CHANNEL_BINDING_HASH':
      return localFailure(place, 'LIVE_CHANNEL_BINDING_HASH').cause;
    case 'MONGO_MECHANISM_UNSUPPORTED':
      return localFailure(place, 'LIVE_MECHANISM_NOT_SPOKEN', { mechanism: got, spoken: expected }).cause;
    default:
      return undefined;
  }
}

function cancelled(
  { protocol, place }: AttemptPlan<Machine>,
  recorder: ConnectionRecorder,
  state: string,
  duringTls: boolean,
): TraceError {
  const params = { protocol, state, tls: duringTls ? 1 : undefined };
  const { error, cause } = localFailure(place, 'LIVE_CANCELLED', params, 'CANCELLED');
  recorder.local({ kind: 'cancelled', message: 'Cancelled', summary: error.message, error, cause });
  return error;
}
