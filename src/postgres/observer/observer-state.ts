import { type Mark, millisBetween, type Side } from '../../base/mark';
import type { StatePair, TraceBuilder } from '../../trace/builder';
import type { LazyWords, StepWords } from '../../trace/lazy-step';
import type { From, Layer } from '../../trace/model';
import { addFinding } from '../diagnose/findings';
import type { Phase } from '../phases';
import { landingPhase } from '../transitions';
import { nothingObserved, type Observed } from './observed';
import { nextPlace, type Place, placeOf, UNKNOWN_STATES } from './places';

const BEGINNING = placeOf('needed');
const CLOSED = placeOf('closed');

/** Where an observed conversation is, and the steps that led there. */
export class ObserverState {
  readonly observed: Observed = nothingObserved();
  /** Where {@link phase} is in the table. */
  place: Place | null = BEGINNING;
  /** The wire carries TLS. */
  tls: boolean;
  /** The bytes that are read came from inside TLS. */
  secure = false;
  /** Nothing more can be learned. */
  settled = false;
  /** One side has ended its half: what the other still sends is read, and both are shown as they are after the end. */
  closed = false;
  /** When the first side ended its half. */
  closedAt: Mark | null = null;
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

  /** Null where bytes are missing and nothing since told the state. */
  get phase(): Phase | null {
    return this.place?.phase ?? null;
  }

  set phase(phase: Phase | null) {
    this.place = phase === null ? null : placeOf(phase);
  }

  get states(): StatePair {
    if (this.closed && this.place !== null) return CLOSED.states;
    return this.place?.states ?? UNKNOWN_STATES;
  }

  /** Follows the table; false when the event is not legal here. */
  move(from: From, message: string): boolean {
    const next = this.place ? nextPlace(this.place, from, message) : undefined;
    if (next) this.place = next;
    return next !== undefined;
  }

  /** Follows the table as far as it goes, and the message where it does not. */
  moveByMessage(from: Side, message: string, frames: number | readonly number[]): void {
    if (this.move(from, message)) return;
    const landing = landingPhase(from, message);
    if (landing === null) return;
    const place = placeOf(landing);
    if (this.place !== null) {
      const { client, server } = this.place.info;
      addFinding(this.trace, 'PG_OUT_OF_ORDER', frames, `${message} in ${client} / ${server}`);
      // Notices and the like say nothing about where the conversation is.
      if (nextPlace(place, from, message) === place) return;
    }
    this.place = place;
  }

  /**
   * Adds a step in the present state.
   *
   * @param words see `TraceBuilder.add`. @param frames by default the frame of `mark`.
   */
  add(
    from: From,
    layer: Layer,
    message: string,
    words: LazyWords | StepWords | string,
    mark: Mark,
    frames: number | readonly number[] = from === 'local' ? 0 : mark.frame,
    bytes = 0,
    encrypted = false,
    data?: Uint8Array,
  ): void {
    const internal = from === 'local' && this.place?.info.internal === true;
    const { states } = this;
    this.trace.add(mark, from, layer, message, frames, bytes, encrypted, states, words, data, internal);
  }

  /** A step that is a transition too. */
  moveAndAdd(from: From, layer: Layer, message: string, summary: string, mark: Mark): void {
    this.move(from, message);
    this.add(from, layer, message, summary, mark);
  }

  /** A transition that nothing on the wire shows. */
  local(message: string, summary: string, mark: Mark): void {
    this.moveAndAdd('local', 'local', message, summary, mark);
  }

  /** It came after one side had left, which therefore was not because of it; packets captured in another order than they were sent do not. */
  isTooLate(mark: Mark): boolean {
    return this.closedAt !== null && millisBetween(this.closedAt, mark) >= 0;
  }

  /** What the session was used for first; that is all that is looked at. */
  noteAfterReady(what: string, mark: Mark): void {
    this.observed.afterReady ??= { what, mark };
    this.settled = true;
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
