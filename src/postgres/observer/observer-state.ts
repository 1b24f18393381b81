import type { Mark, Side } from '../../base/mark';
import type { StatePair, TraceBuilder } from '../../trace/builder';
import type { LazyWords } from '../../trace/lazy-step';
import type { Field, Layer } from '../../trace/model';
import { type Phase, phaseInfo } from '../phases';
import { UNKNOWN_STATE } from '../states';
import { landingPhase, transition } from '../transitions';
import { addFinding } from './findings';
import { nothingObserved, type Observed } from './observed';

/** A step as an observer sees it; the states come from the phase. */
export interface ObservedStep {
  readonly from: Side | 'local';
  readonly layer: Layer;
  readonly message: string;
  readonly summary: string | LazyWords;
  readonly mark: Mark;
  readonly frames?: readonly number[];
  readonly bytes?: number;
  readonly encrypted?: boolean;
  readonly fields?: readonly Field[];
  readonly data?: Uint8Array;
}

/** Where an observed conversation is, and the steps that led there. */
export class ObserverState {
  readonly observed: Observed = nothingObserved();
  /** Null where bytes are missing and nothing since told the state. */
  phase: Phase | null = 'needed';
  /** The wire carries TLS. */
  tls: boolean;
  /** The bytes that are read came from inside TLS. */
  secure = false;
  /** Nothing more can be learned. */
  settled = false;
  mark: Mark = { frame: 0, seconds: 0, nanos: 0 };

  constructor(
    readonly trace: TraceBuilder,
    direct: boolean,
  ) {
    this.tls = direct;
    trace.ssl.direct = direct;
  }

  /** No packet of the connection was accepted yet. */
  get unconnected(): boolean {
    return this.phase === 'needed' || this.phase === 'started';
  }

  states(): StatePair {
    if (this.phase === null) return { clientState: UNKNOWN_STATE, serverState: UNKNOWN_STATE };
    const { client, server } = phaseInfo(this.phase);
    return { clientState: client, serverState: server };
  }

  /** Follows the table; false when the event is not legal here. */
  move(from: Side | 'local', message: string): boolean {
    const row = this.phase ? transition(this.phase, from, message) : undefined;
    if (row) this.phase = row.to;
    return row !== undefined;
  }

  /** Follows the table as far as it goes, and the message where it does not. */
  moveByMessage(from: Side, message: string, frames: readonly number[]): void {
    if (this.move(from, message)) return;
    const landing = landingPhase(from, message);
    if (landing === null) return;
    if (this.phase !== null) {
      const { client, server } = phaseInfo(this.phase);
      addFinding(this.trace, 'PG_OUT_OF_ORDER', frames, `${message} in ${client} / ${server}`);
      // Notices and the like say nothing about where the conversation is.
      if (transition(landing, from, message)?.to === landing) return;
    }
    this.phase = landing;
  }

  /** Adds a step in the present state. */
  add(step: ObservedStep): void {
    const internal = this.phase !== null && phaseInfo(this.phase).internal === true && step.from === 'local';
    const { clientState, serverState } = this.states();
    // Written out rather than spread: this runs for every message of every connection.
    this.trace.step({
      mark: step.mark,
      from: step.from,
      layer: step.layer,
      frames: step.frames,
      bytes: step.bytes,
      message: step.message,
      summary: step.summary,
      encrypted: step.encrypted,
      fields: step.fields,
      data: step.data,
      clientState,
      serverState,
      internal,
    });
  }

  /** A step that is a transition too. */
  moveAndAdd(step: ObservedStep): void {
    this.move(step.from, step.message);
    this.add(step);
  }

  /** A transition that nothing on the wire shows. */
  local(message: string, summary: string, mark: Mark): void {
    this.moveAndAdd({ from: 'local', layer: 'local', message, summary, mark });
  }

  noteEstablished(mark: Mark): void {
    this.observed.established = true;
    if (this.phase !== 'tls') return;
    const { version, cipher } = this.trace.ensureTls();
    const what = [version, cipher].filter((part) => part !== null).join(', ');
    this.local('TLS established', what || 'done', mark);
  }

  /** ReadyForQuery was seen: what libpq does before it gives the connection to the application. */
  open(): void {
    this.local('Check target', 'checks target_session_attrs', this.mark);
    this.local('Connection ok', 'the connection can be used', this.mark);
  }
}
