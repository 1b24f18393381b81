import type { Machine, TlsOutcome } from '../../base/machine';
import type { BackendEffect } from '../backend/backend-options';
import { frameTyped } from '../messages/frame';
import type { FaultLine, FaultPoint } from './faults';

/** Stands before a backend and does at some points what a script says instead of what the backend would. */
export class FaultyBackend implements Machine<BackendEffect> {
  readonly #queue: BackendEffect[] = [];
  #tlsBegins = false;
  #muted = false;

  constructor(
    private readonly backend: Machine<BackendEffect>,
    private readonly script: readonly FaultLine[],
  ) {}

  get state(): string {
    return this.backend.state;
  }

  pollEffect(): BackendEffect | undefined {
    for (;;) {
      const queued = this.#queue.shift();
      if (queued) return queued;
      const effect = this.backend.pollEffect();
      if (!effect) return undefined;
      // What a muted server would still do is close its end when the client is gone.
      if (this.#muted && effect.type !== 'close') continue;
      if (!this.#replace(effect)) return effect;
    }
  }

  handleConnected(): void {
    this.backend.handleConnected();
    const line = this.#line('connected');
    if (line) this.#follow(line, new Uint8Array(0));
  }

  handleBytes(bytes: Uint8Array): void {
    if (this.#muted) return;
    const line = this.#tlsBegins ? this.#line('ClientHello') : undefined;
    if (line) this.#follow(line, new Uint8Array(0));
    else this.backend.handleBytes(bytes);
  }

  handleTls(outcome: TlsOutcome): void {
    this.backend.handleTls(outcome);
    const line = outcome.ok ? this.#line('TLS established') : undefined;
    if (line) this.#follow(line, new Uint8Array(0));
  }

  handleDerived(id: number, key: Uint8Array): void {
    this.backend.handleDerived(id, key);
  }

  handlePassword(password: string): void {
    this.backend.handlePassword(password);
  }

  handleTimer(id: string): void {
    this.backend.handleTimer(id);
  }

  handleClosed(): void {
    this.backend.handleClosed();
  }

  /** Whether the script took this effect's place. */
  #replace(effect: BackendEffect): boolean {
    if (effect.type === 'startTls' && this.#line('ClientHello')) {
      // TLS is not started: the client's first bytes of it come to us.
      this.#tlsBegins = true;
      return true;
    }
    if (effect.type !== 'write') return false;
    const line = this.#line(nameOf(effect.bytes));
    if (line) this.#follow(line, effect.bytes);
    return line !== undefined;
  }

  #follow(line: FaultLine, message: Uint8Array): void {
    const bytes = line.write?.(message);
    if (bytes && bytes.length > 0) this.#queue.push({ type: 'write', bytes });
    if (line.next === 'go on') return;
    this.#muted = true;
    if (line.next === 'close') {
      this.#queue.push({ type: 'log', level: 'LOG', message: 'the scripted fault closes the connection' });
      this.#queue.push({ type: 'close' });
    }
  }

  #line(point: FaultPoint | undefined): FaultLine | undefined {
    return point && this.script.find((line) => line.at === point);
  }
}

const AUTHENTICATION: Readonly<Record<number, FaultPoint>> = {
  0: 'AuthenticationOk',
  10: 'AuthenticationSASL',
  11: 'AuthenticationSASLContinue',
  12: 'AuthenticationSASLFinal',
};

/** Which message of a script's points this is: the backend writes each by itself. */
function nameOf(bytes: Uint8Array): FaultPoint | undefined {
  if (bytes.length === 1) return bytes[0] === 0x53 ? 'S' : undefined;
  if (frameTyped(bytes, { min: 4, max: bytes.length }).kind !== 'frame') return undefined;
  switch (bytes[0]) {
    case 0x52:
      return AUTHENTICATION[bytes[8]];
    case 0x53:
      return 'ParameterStatus';
    case 0x5a:
      return 'ReadyForQuery';
    default:
      return undefined;
  }
}
