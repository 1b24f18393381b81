import { pbkdf2 } from 'node:crypto';
import { joined } from '../base/bytes';
import type { DeriveEffect, Effect, Machine, MachineError, TlsOutcome } from '../base/machine';
import type { Transport } from './transport';

type Waiting = 'peer' | 'password' | 'tls';

/** How a run of a machine ended. `state` is the machine's state at that moment: the step it was in. */
export type RunEnd =
  | { readonly kind: 'ready'; readonly state: string }
  | { readonly kind: 'failed'; readonly state: string; readonly error: MachineError }
  | {
      readonly kind: 'timeout';
      readonly state: string;
      readonly waitedMs: number;
      readonly waitedFor: string;
    }
  | { readonly kind: 'cancelled'; readonly state: string; readonly duringTls: boolean }
  /** The connection ended without a verdict of the machine. */
  | { readonly kind: 'closed'; readonly state: string };

export interface RunOptions<X = never> {
  readonly transport: Transport;
  readonly signal?: AbortSignal;
  /** Longest wait in one state, milliseconds. */
  readonly stepMs: number;
  /** Longest wait, milliseconds, while {@link isSilent}; by default as in any state. */
  readonly silentMs?: number;
  /** Whether the peer has not yet said what it came for: a server need not wait for it as long as for a password. */
  isSilent?(): boolean;
  /** Longest run, milliseconds: a peer that keeps changing states must not keep us forever. Unlimited when absent. */
  readonly totalMs?: number;
  /** A server goes on after `ready`; a client's run is over with it. */
  readonly stopAtReady: boolean;
  /** After `ready`: longest silence of the peer, milliseconds. It takes the place of the other two limits. */
  readonly idleMs?: number;
  /** `pending` is what the peer sent last: on a server, the start of its TLS handshake when TLS comes first. */
  startTls(pending: Uint8Array): Promise<TlsOutcome>;
  /** Resolves to undefined when there is none to be had. */
  askPassword?(signal: AbortSignal): Promise<string | undefined>;
  /** Gets a function that looks for effects again: for machines that can have some without an input of their own. */
  onStart?(poke: () => void): void;
  onState?(state: string): void;
  onReady?(): void;
  /** Executes the effects that only this kind of machine has. */
  handleOther?(effect: X): void;
}

/** A password prompt waits for a person: longer than for a peer, but not forever. */
const PASSWORD_MS = 120_000;

/** RFC 5802 leaves the count to the server; past this it would hold a thread for minutes and cannot be cancelled. */
const MAX_ITERATIONS = 10_000_000;

/** Longest wait for the peer's half of the close after a machine gave up, milliseconds. */
const CLOSE_MS = 1_000;

/**
 * Executes a machine's effects on a connected transport until it is ready (client), has failed, is closed, timed out or
 * cancelled. It never rejects and never leaves a timer behind; closing the transport is the caller's.
 */
export function runMachine<X extends { readonly type: string } = never>(
  machine: Machine<Effect | X>,
  options: RunOptions<X>,
): Promise<RunEnd> {
  return new Promise((resolve) => new Run(machine, options, resolve).start());
}

class Run<X extends { readonly type: string }> {
  readonly #machine: Machine<Effect | X>;
  readonly #options: RunOptions<X>;
  readonly #resolve: (end: RunEnd) => void;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Only a person who is asked for a password has to be told that nobody waits any more. */
  #aborter: AbortController | undefined;
  #stepTimer: NodeJS.Timeout | undefined;
  #stepMs = 0;
  #totalTimer: NodeJS.Timeout | undefined;
  #state = '';
  #silent = false;
  #waitingFor: Waiting = 'peer';
  #error: MachineError | undefined;
  #pumping = false;
  #ready = false;
  #closingBegan = false;
  /** Writes that no other effect stands between: they leave as one, as from a buffer that is flushed before waiting. */
  #outgoing: Uint8Array[] = [];
  #lastBytes: Uint8Array = new Uint8Array(0);
  #over = false;

  constructor(machine: Machine<Effect | X>, options: RunOptions<X>, resolve: (end: RunEnd) => void) {
    this.#machine = machine;
    this.#options = options;
    this.#resolve = resolve;
  }

  start(): void {
    const { signal, transport } = this.#options;
    if (signal?.aborted) {
      this.#cancel();
      return;
    }
    signal?.addEventListener('abort', this.#cancel);
    this.#armTotal();
    this.#options.onStart?.(() => this.#input(() => {}));
    this.#input(() => this.#machine.handleConnected());
    transport.attach({
      handleData: (bytes) => {
        this.#lastBytes = bytes;
        if (this.#ready && !this.#over) this.#armStep(this.#wait);
        this.#input(() => this.#machine.handleBytes(bytes));
      },
      handleClosed: () => {
        this.#input(() => this.#machine.handleClosed());
        // A close of our own is under way: it ends the run when both halves are closed.
        if (this.#over || this.#closingBegan) return;
        this.#finish(
          this.#error
            ? { kind: 'failed', state: this.#machine.state, error: this.#error }
            : { kind: 'closed', state: this.#machine.state },
        );
      },
    });
  }

  readonly #cancel = () =>
    this.#finish({
      kind: 'cancelled',
      state: this.#machine.state,
      duringTls: this.#waitingFor === 'tls',
    });

  /** Gives the machine one input and does what it asks for. */
  #input(give: () => void): void {
    if (this.#over) return;
    give();
    this.#pump();
  }

  #pump(): void {
    // An effect may lead to input at once (a closed socket): the loop below then sees its effects too.
    if (this.#pumping) return;
    this.#pumping = true;
    this.#watchState();
    try {
      for (
        let effect = this.#machine.pollEffect();
        effect && !this.#over;
        effect = this.#machine.pollEffect()
      ) {
        if (effect.type !== 'write') this.#flush();
        this.#execute(effect);
      }
      this.#flush();
    } finally {
      this.#pumping = false;
    }
    this.#watchState();
  }

  #flush(): void {
    if (this.#outgoing.length === 0) return;
    const bytes = this.#outgoing.length === 1 ? this.#outgoing[0] : joined(this.#outgoing);
    this.#outgoing = [];
    this.#options.transport.write(bytes);
  }

  #execute(effect: Effect | X): void {
    const known = effect as Effect;
    switch (known.type) {
      case 'write':
        this.#outgoing.push(known.bytes);
        return;
      case 'startTls':
        this.#startTls();
        return;
      case 'derive':
        this.#derive(known);
        return;
      case 'askPassword':
        this.#askPassword();
        return;
      case 'timer':
        this.#timer(known.id, known.milliseconds);
        return;
      case 'ready':
        this.#ready = true;
        clearTimeout(this.#totalTimer);
        this.#options.onReady?.();
        if (this.#options.stopAtReady) this.#finish({ kind: 'ready', state: this.#machine.state });
        return;
      case 'fail':
        this.#error ??= known.error;
        // A client that failed has nothing left to learn; a server still flushes and closes.
        if (this.#options.stopAtReady) this.#failed();
        return;
      case 'close':
        this.#closing();
        return;
      default:
        this.#options.handleOther?.(effect as X);
    }
  }

  #failed(): void {
    if (this.#error) this.#finish({ kind: 'failed', state: this.#machine.state, error: this.#error });
  }

  #closing(): void {
    if (this.#closingBegan) return;
    this.#closingBegan = true;
    void this.#options.transport.end().then(() => {
      this.#finish(
        this.#error
          ? { kind: 'failed', state: this.#machine.state, error: this.#error }
          : { kind: 'closed', state: this.#machine.state },
      );
    });
    // `end` is bounded itself; this covers a socket that never reports its close.
    this.#timer('driver.close', CLOSE_MS);
  }

  #startTls(): void {
    this.#waitingFor = 'tls';
    this.#armStep(this.#wait);
    this.#options
      .startTls(this.#lastBytes)
      .catch((error: unknown) => failedTls(error))
      .then((outcome) => {
        this.#waitingFor = 'peer';
        this.#input(() => this.#machine.handleTls(outcome));
        this.#options.transport.resume();
      });
  }

  #derive(effect: DeriveEffect): void {
    if (effect.iterations > MAX_ITERATIONS || effect.iterations < 1) {
      this.#error ??= {
        from: 'client',
        code: 'SCRAM_ITERATIONS',
        message: `The server asks for ${effect.iterations} SCRAM iterations; at most ${MAX_ITERATIONS} are computed.`,
      };
      this.#failed();
      return;
    }
    const { password, salt, iterations, length, hash } = effect;
    pbkdf2(password, salt, iterations, length, hash, (error, key) => {
      if (error) {
        this.#error ??= { from: 'client', code: 'KEY_DERIVATION', message: error.message };
        this.#failed();
      } else {
        this.#input(() => this.#machine.handleDerived(effect.id, new Uint8Array(key)));
      }
    });
  }

  #askPassword(): void {
    this.#aborter ??= new AbortController();
    const { signal } = this.#aborter;
    const ask = async () => this.#options.askPassword?.(signal);
    this.#waitingFor = 'password';
    // A person's time is not the server's.
    clearTimeout(this.#totalTimer);
    this.#armStep(PASSWORD_MS);
    ask()
      .catch(() => undefined)
      .then((password) => {
        if (this.#over) return;
        this.#waitingFor = 'peer';
        if (password === undefined) {
          this.#error ??= {
            from: 'client',
            code: 'NO_PASSWORD',
            message: 'A password is needed and none was given. Run the test again and enter it.',
          };
          this.#failed();
          return;
        }
        this.#armTotal();
        this.#armStep(this.#options.stepMs);
        this.#input(() => this.#machine.handlePassword(password));
      });
  }

  #timer(id: string, milliseconds: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.set(
      id,
      setTimeout(() => {
        this.#timers.delete(id);
        if (id === 'driver.close') this.#finish({ kind: 'closed', state: this.#machine.state });
        else this.#handleTimer(id);
      }, milliseconds),
    );
  }

  /** The machine had made the peer wait: the peer's own time begins again. */
  #handleTimer(id: string): void {
    if (this.#waitingFor === 'peer') this.#armStep(this.#wait);
    this.#input(() => this.#machine.handleTimer(id));
  }

  /** The wait starts again with every change of state, not with every byte: a trickle does not keep a step alive. */
  #watchState(): void {
    const silent = this.#isSilent;
    if (this.#over || (this.#machine.state === this.#state && silent === this.#silent)) return;
    this.#state = this.#machine.state;
    this.#silent = silent;
    if (this.#waitingFor !== 'password') this.#armStep(this.#wait);
    this.#options.onState?.(this.#state);
  }

  get #isSilent(): boolean {
    return this.#options.isSilent?.() ?? false;
  }

  get #wait(): number {
    const { idleMs, stepMs, silentMs = stepMs } = this.#options;
    if (this.#isSilent) return Math.min(silentMs, stepMs);
    return this.#ready ? (idleMs ?? stepMs) : stepMs;
  }

  #armStep(milliseconds: number): void {
    if (this.#stepTimer && milliseconds === this.#stepMs) {
      this.#stepTimer.refresh();
      return;
    }
    clearTimeout(this.#stepTimer);
    this.#stepMs = milliseconds;
    this.#stepTimer = setTimeout(() => this.#timedOut(milliseconds, this.#waitingFor), milliseconds);
  }

  #armTotal(): void {
    const { totalMs } = this.#options;
    if (totalMs !== undefined) this.#totalTimer = setTimeout(() => this.#timedOut(totalMs, 'end'), totalMs);
  }

  #timedOut(waitedMs: number, waitedFor: Waiting | 'end'): void {
    this.#finish({ kind: 'timeout', state: this.#machine.state, waitedMs, waitedFor });
  }

  #finish(end: RunEnd): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#stepTimer);
    clearTimeout(this.#totalTimer);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#options.signal?.removeEventListener('abort', this.#cancel);
    this.#aborter?.abort();
    this.#resolve(end);
  }
}

function failedTls(error: unknown): TlsOutcome {
  const message = error instanceof Error ? error.message : String(error);
  return {
    ok: false,
    alpn: null,
    version: null,
    peerCertificate: null,
    error: { from: 'client', code: 'TLS_FAILED', message },
  };
}
