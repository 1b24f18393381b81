import type { Machine, MachineError, TlsOutcome } from '../base/machine';
import { foreignService } from '../postgres/observer/foreign';
import type { Protocol, TraceError } from '../trace/model';
import { WaitEnded } from './cancellable';
import { dial } from './dial';
import { type RunEnd, runMachine } from './driver';
import { type ErrorPlace, errorCode, errorWords } from './errors';
import { CLOSED, firstCommandRefused, type TellsPath } from './first-command';
import { ConnectionRecorder } from './recorder';
import { stepWords } from './step-words';
import { prepareClientTls, startClientTls, type TlsClientSettings } from './tls-client';
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
  readonly tlsProblem?: MachineError;
}

/** What a client machine may have besides: libpq's has a state before the connection, and a goodbye (Terminate). */
type ClientMachine = TellsPath & { handleConnecting?(): void; terminate?(): void };

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
  /** A ClientHello was sent, or was about to be. */
  begun: boolean;
  /** Why the handshake failed. */
  error?: MachineError;
  /** What ended the session after the handshake. */
  late?: NodeJS.ErrnoException;
}

/** Types of the records that a TLS server answers a ClientHello with: alert and handshake (RFC 8446 section 5.1). */
const TLS_RECORDS: ReadonlySet<number> = new Set([21, 22]);

/** What `foreignService` says of bytes that it does not know. */
const UNKNOWN_SERVICE = foreignService(new Uint8Array(0));

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
  const tls: TlsStory = { begun: false };
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
        tls.begun = true;
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
    tls.late = transport.tlsError;
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
    return {
      kind: 'cancelled',
      error: cancelled(recorder, 'the TCP connection was being opened'),
    };
  }
  const code = error instanceof WaitEnded ? 'ETIMEDOUT' : errorCode(error);
  const words = errorWords(code, error instanceof Error ? error.message : String(error), plan.place);
  const where = `${plan.address}:${plan.port}`;
  const waited =
    error instanceof WaitEnded
      ? ` It was waited for ${seconds(waitedMs)} while opening the TCP connection.`
      : '';
  const shown: TraceError = {
    from: 'client',
    code: words.code,
    message: `${words.message}${waited} ${words.next}`,
  };
  recorder.local({
    kind: error instanceof WaitEnded ? 'timeout' : 'connect',
    message: 'Open TCP connection',
    summary: `${where}: ${words.message}`,
    error: shown,
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
      return cancelled(recorder, stepWords(plan.protocol, end.state, end.duringTls));
    case 'timeout': {
      const error: TraceError = {
        from: 'client',
        code: 'TIMEOUT',
        message: timeoutMessage(end, plan, recorder),
      };
      const step = stepWords(plan.protocol, end.state, end.waitedFor === 'tls');
      recorder.local({ kind: 'timeout', message: 'Time-out', summary: `gave up while ${step}`, error });
      return error;
    }
    case 'closed':
    case 'failed':
      return refused(end, plan, recorder, tls);
    default: {
      const never: never = end;
      return never;
    }
  }
}

function timeoutMessage(
  end: Extract<RunEnd, { kind: 'timeout' }>,
  plan: AttemptPlan<Machine>,
  recorder: ConnectionRecorder,
): string {
  const { place, protocol } = plan;
  const step = stepWords(protocol, end.state, end.waitedFor === 'tls');
  const waited = seconds(end.waitedMs);
  switch (end.waitedFor) {
    case 'password':
      return `No password was given within ${waited}. Run the test again and answer the prompt.`;
    case 'end':
      return `${place.target} kept the handshake going for ${waited} without finishing it; the last step was ${step}. Look in the server's log.`;
    case 'tls':
      return (
        `${place.target} said nothing for ${waited} while ${step}. ` +
        `Look for a firewall or a small MTU on the way that drops large packets, and for a proxy that waits for something.`
      );
    default:
      if (recorder.firstBytes('server').length > 0) {
        return (
          `${place.target} answered at first and then said nothing for ${waited} while ${step}. ` +
          `Look in the server's log and at its load for what it waits for, and at a proxy in between.`
        );
      }
      return (
        `${place.target} said nothing for ${waited} while ${step}. ` +
        `Check that it is ${place.product} that listens on port ${place.port}, and whether the server is overloaded or a proxy in between waits for something.`
      );
  }
}

function refused(
  end: Extract<RunEnd, { kind: 'closed' | 'failed' }>,
  plan: AttemptPlan<ClientMachine>,
  recorder: ConnectionRecorder,
  tls: TlsStory,
): TraceError {
  if (end.kind === 'closed') {
    const step = stepWords(plan.protocol, end.state);
    const message = `${plan.place.target} closed the connection while ${step}. Look in the server's log for the reason.`;
    return { from: 'server', code: 'SERVER_CLOSED', message };
  }
  const { from, code, message } = end.error;
  const error: TraceError = lateTlsError(end, plan, tls.late) ??
    notMongo(plan, recorder, tls.begun) ?? { from, code, message };
  const firstCommand = firstCommandRefused(plan.machine, error);
  if (firstCommand) {
    const summary = firstCommand.message;
    recorder.local({ kind: 'note', message: 'Give up', summary, error: firstCommand });
    return firstCommand;
  }
  // What the server said or did crossed the wire, and the observer tells it; a refused certificate has its event already.
  if (error.from === 'client' && !recorder.hasLocalError()) {
    recorder.local({ kind: tls.error ? 'tls' : 'note', message: 'Give up', summary: message, error });
  }
  return error;
}

/** An alert after the handshake, such as a TLS 1.3 server's that refuses our certificate, says more than the close behind it. */
function lateTlsError(
  end: Extract<RunEnd, { kind: 'failed' }>,
  { place }: AttemptPlan<Machine>,
  late: NodeJS.ErrnoException | undefined,
): TraceError | undefined {
  if (!CLOSED.has(end.error.code) || !late?.code?.includes('_ALERT_')) return undefined;
  const words = errorWords(late.code, late.message, place);
  return { from: 'server', code: words.code, message: `${words.message} ${words.next}` };
}

/** Who answered instead of MongoDB, where its first bytes tell. PostgreSQL's observer finds that out by itself. */
function notMongo(
  { protocol, place }: AttemptPlan<Machine>,
  recorder: ConnectionRecorder,
  tlsBegun: boolean,
): TraceError | undefined {
  const first = recorder.firstBytes('server');
  if (protocol !== 'mongodb' || first.length === 0 || recorder.keyLog !== '') return undefined;
  // An answer in TLS to a ClientHello is what was asked for: the alert in it has words of its own.
  if (tlsBegun && TLS_RECORDS.has(first[0])) return undefined;
  const what = foreignService(first);
  if (what === UNKNOWN_SERVICE) return undefined;
  const message = `${place.target} is ${what}, not MongoDB: check host and port, and whether tls has to be on.`;
  return { from: 'client', code: 'NOT_MONGODB', message };
}

function cancelled(recorder: ConnectionRecorder, step: string): TraceError {
  const error: TraceError = { from: 'client', code: 'CANCELLED', message: `Cancelled while ${step}.` };
  recorder.local({ kind: 'cancelled', message: 'Cancelled', summary: error.message, error });
  return error;
}

/** `0.05 s`, `10 s`. */
export function seconds(milliseconds: number): string {
  return `${Number((milliseconds / 1000).toPrecision(2))} s`;
}
