import type { Issue } from '../../base/issue';
import type { Mark, Side } from '../../base/mark';
import { tlsFindings } from '../../diagnosis/tls-findings';
import { noWireEvidence, type WireEvidence } from '../../diagnosis/wire';
import type { TlsEvents, TlsFacts, TlsMessage } from '../../tls/events';
import { addTlsStep, applyTlsAlert, applyTlsFacts } from '../../tls/steps';
import type { StatePair, TraceBuilder } from '../../trace/builder';
import type { LocalEvent } from '../../trace/local';
import type { AlertSummary } from '../../trace/model';
import { conclude } from '../diagnose/conclude';
import { addFinding } from '../diagnose/findings';
import { advanceRecord, newRecord, type ObserverRecord } from '../diagnose/record';
import { placeOf } from '../places';
import type { By, Event } from '../transitions';
import { issueText } from '../wire/message-reader';
import { Dialogue, type Spoken } from './observer-dialogue';
import { ObservedStream, type SeenMessage } from './observer-stream';
import { MessageWords } from './observer-words';

/** Bounds on one observation. A handshake needs a fraction of each. */
const LIMITS = {
  messages: 400,
  /** Ordinary commands without any authentication after which none is expected any more. */
  openCommands: 12,
  /** Commands of a connection between servers that are followed: what a mongos asks its mongod is the point of it. */
  internalCommands: 8,
  ciphertexts: 8,
  /** Commands of the application after its login that are followed: whether it may do what it wants shows in the first. */
  applicationCommands: 4,
} as const;

const CONNECTED = placeOf('connected');

/** The lines of a connection's end. */
const ENDINGS = {
  client: {
    closes: 'the client closes the connection',
    resets: 'the client resets the connection',
    refuses: 'the client refuses the connection',
  },
  server: {
    closes: 'the server closes the connection',
    resets: 'the server resets the connection',
    refuses: 'the server refuses the connection',
  },
} as const;

/** The user as whom servers log in to each other. */
const INTERNAL_USER = '__system';

export interface MongoObserverOptions {
  /** TLS from the first byte. */
  readonly direct?: boolean;
}

/**
 * Observes one MongoDB conversation (the `ProtocolObserver` of `inspect`): pairs requests with replies by their ids, follows the
 * transition table, and says what came of it.
 */
export class MongoObserver implements Omit<TlsEvents, 'handlePlaintext'> {
  readonly layer: 'plain' | 'tls';
  readonly #record: ObserverRecord = newRecord();
  readonly #streams: Readonly<Record<Side, ObservedStream>>;
  readonly #dialogue: Dialogue;
  #settled = false;
  #secure = false;
  #closes = 0;

  constructor(
    readonly trace: TraceBuilder,
    options: MongoObserverOptions = {},
  ) {
    this.layer = options.direct ? 'tls' : 'plain';
    // In an outline nothing of a message is read again.
    const keep = !trace.outline;
    this.#streams = { client: new ObservedStream(keep), server: new ObservedStream(keep) };
    this.#dialogue = new Dialogue(trace, this.#record);
    if (options.direct) trace.ssl.direct = true;
  }

  get settled(): boolean {
    return this.#settled;
  }

  handleOpen(from: Side, mark: Mark): void {
    const record = this.#record;
    const { phase } = record.place;
    if (phase !== 'idle' && phase !== 'connecting') return;
    record.midStream = false;
    this.#advance(from, from === 'client' ? 'SYN' : 'SYN+ACK');
    // A capture may begin with the SYN+ACK.
    if (from === 'server') record.place = CONNECTED;
    if (from === 'client') this.#tcpStep(from, 'SYN', 'the client opens a TCP connection', mark);
    else this.#tcpStep(from, 'SYN+ACK', 'the server accepts it', mark);
  }

  handleBytes(from: Side, bytes: Uint8Array, mark: Mark, secure: boolean): void {
    if (this.#settled) return;
    this.#begin();
    this.#secure = secure;
    if (secure) this.#establishTls();
    const stream = this.#streams[from];
    stream.append(bytes, mark);
    for (let result = stream.next(); result !== 'more'; result = stream.next()) {
      if ('code' in result) this.#handleDamage(from, result, stream.badHead, mark);
      else this.#handleMessage(from, result, mark);
      if (this.#settled) return;
    }
  }

  handleGap(from: Side, length: number, mark: Mark): void {
    if (this.#settled || !this.#streams[from].handleGap(length)) return;
    this.#record.gaps[from] = true;
    addFinding(this.trace, 'MG_GAP', [mark.frame]);
  }

  handleClose(from: Side, how: 'fin' | 'rst', mark: Mark): void {
    if (this.#settled) return;
    const record = this.#record;
    this.#closes++;
    const first = record.closedBy === undefined;
    if (first) {
      record.closedBy = from;
      record.reset = how === 'rst';
      record.closeMark = mark;
      if (mark.frame > 0) record.closeFrames = mark.frame;
      if (record.place.phase === 'connecting' && how === 'rst') this.#advance(from, 'RST');
      else this.#advance('local', 'close');
      const { closes, resets, refuses } = ENDINGS[from];
      if (how === 'fin') this.#tcpStep(from, 'FIN', closes, mark);
      else this.#tcpStep(from, 'RST', record.place.phase === 'refused' ? refuses : resets, mark);
    }
    if (how === 'rst' || this.#closes > 1) this.#settled = true;
  }

  handleLocal(event: LocalEvent, mark: Mark): void {
    if (event.error) {
      this.#record.localError ??= event.error;
      this.#record.localCause ??= event.cause ?? null;
      if (!this.#advance('local', event.kind === 'tls' ? 'TLS failed' : 'refuse'))
        this.#advance('local', 'refuse');
    }
    const { message, summary, fields } = event;
    const words = fields ? { summary, fields } : summary;
    this.trace.add(mark, 'local', 'local', message, 0, 0, false, this.#states, words);
  }

  handleTlsMessage(message: TlsMessage): void {
    if (this.#settled) return;
    this.#begin();
    if (message.name === 'ClientHello') this.#advance('client', 'ClientHello');
    addTlsStep(this.trace, message, this.#states);
  }

  handleTlsAlert(alert: AlertSummary, mark: Mark): void {
    if (this.#settled) return;
    applyTlsAlert(this.trace, alert);
    if (alert.level !== 'fatal' || this.#record.tlsEstablished) return;
    this.trace.touch(mark);
    this.#advance('local', 'TLS failed');
  }

  handleTlsFacts(facts: TlsFacts): void {
    if (this.#settled) return;
    applyTlsFacts(this.trace, facts);
    if (facts.clientCertificates) this.#record.clientCertificates = facts.clientCertificates;
    if (facts.established) this.#establishTls();
  }

  handleCiphertext(from: Side, _length: number, mark: Mark): void {
    if (this.#settled) return;
    this.#begin();
    this.#establishTls();
    this.trace.touch(mark);
    const { opaque } = this.#record;
    opaque[from]++;
    if (Math.min(opaque.client, opaque.server) >= LIMITS.ciphertexts) this.#settled = true;
  }

  finish(wire: WireEvidence = noWireEvidence()): void {
    this.#settled = true;
    this.#record.outstanding = this.#dialogue.outstanding;
    conclude(this.trace, this.#record, wire, this.#secure || this.layer === 'tls');
    tlsFindings(this.trace);
  }

  get #states(): StatePair {
    return this.#record.place.states;
  }

  #tcpStep(from: Side, message: string, summary: string, mark: Mark): void {
    this.trace.add(mark, from, 'tcp', message, mark.frame, 0, false, this.#states, summary);
  }

  /** Bytes without a SYN before them: the connection exists already. */
  #begin(): void {
    const { phase } = this.#record.place;
    if (phase === 'idle' || phase === 'connecting') this.#record.place = CONNECTED;
  }

  #establishTls(): void {
    if (this.#record.tlsEstablished) return;
    this.#record.tlsEstablished = true;
    this.#advance('local', 'TLS established');
  }

  #advance(by: By, event: Event): boolean {
    return advanceRecord(this.#record, by, event);
  }

  #handleDamage(from: Side, damage: Issue, head: Uint8Array, mark: Mark): void {
    this.#record.damage ??= { from, code: damage.code, head };
    addFinding(this.trace, 'MG_MALFORMED', [mark.frame], issueText(damage));
  }

  #handleMessage(from: Side, seen: SeenMessage, mark: Mark): void {
    const record = this.#record;
    record.messages[from]++;
    if (seen.issues.length > 0)
      addFinding(this.trace, 'MG_MALFORMED', seen.frames, issueText(seen.issues[0]));
    const spoken =
      from === 'client' ? this.#dialogue.handleRequest(seen, mark) : this.#dialogue.handleReply(seen, mark);
    record.lastMessage = { from, name: spoken.name, mark };
    this.#step(from, seen, spoken, mark);
    this.#settle();
  }

  /** Nothing more is to be learned once the connection is in use after its authentication, or clearly does without one. */
  #settle(): void {
    const { authenticated, messages, commandsOk, commandsFailed, applicationOk, attempt } = this.#record;
    const { phase } = this.#record.place;
    const internal = attempt?.user === INTERNAL_USER && attempt.database === 'local';
    const enough = internal
      ? commandsOk >= LIMITS.internalCommands
      : applicationOk >= LIMITS.applicationCommands || commandsOk + commandsFailed >= LIMITS.openCommands;
    const inUse = authenticated && phase === 'ready' && enough;
    const open = attempt === undefined && phase === 'open' && commandsOk >= LIMITS.openCommands;
    if (inUse || open || messages.client + messages.server >= LIMITS.messages) this.#settled = true;
  }

  #step(from: Side, seen: SeenMessage, { name, kind }: Spoken, mark: Mark): void {
    const { trace } = this;
    const { message, bytes } = seen.wire ?? seen;
    const { messageLength } = message.header;
    const frames = typeof seen.frames !== 'number' && seen.frames[0] === 0 ? 0 : seen.frames;
    const mechanism = this.#record.attempt?.mechanism ?? null;
    const words = trace.outline ? '' : new MessageWords(seen, from, kind, name, mechanism);
    trace.add(mark, from, 'mongodb', name, frames, messageLength, this.#secure, this.#states, words, bytes);
  }
}
