import { copyOf } from '../../base/arena';
import { concat, joined } from '../../base/bytes';
import type { Mark, Side } from '../../base/mark';
import type { KeyLog } from '../../tls/keylog';
import { CONTENT_TYPE } from '../../tls/names';
import { RECORD_HEADER, type TlsRecord } from '../../tls/record';
import type { OpenedWith } from '../../tls/session';
import type { Endpoint, Protocol, Step } from '../../trace/model';
import { Conversation } from '../conversation';
import { createObserver } from '../create-observer';
import { foreignGreeting } from './foreign-greeting';
import { redactHandshake, UNFINISHED } from './handshake';
import { redactMessages, redactMongo } from './mongodb';
import { Names } from './names';
import { redactPostgres, redactUnread } from './postgres';
import { redactedProxyHeader } from './proxy-header';
import { Randoms } from './randoms';
import { RedactedStream } from './redacted-stream';
import { type RandomBytes, Sealing } from './sealing';

/** Bytes of one direction in the order in which they came, or `length` that are missing. */
export type Piece =
  | { readonly from: Side; readonly bytes: Uint8Array; readonly mark: Mark }
  | { readonly from: Side; readonly missing: number; readonly mark: Mark };

export interface RedactOptions {
  readonly protocol: Protocol;
  /** TLS from the first byte. */
  readonly direct: boolean;
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly keyLog?: KeyLog;
  readonly random: RandomBytes;
  /** Shared by the connections of one file, so that a name looks the same in all of them. */
  readonly names?: Names;
}

export interface Redacted {
  /** Both directions; what is not understood is zeros. */
  readonly streams: Readonly<Record<Side, RedactedStream>>;
  /** Number of pieces up to the end of the handshake: what follows is left out. */
  readonly pieces: number;
  /** Secrets that open the redacted TLS records; empty where there are none. */
  readonly keyLog: string;
}

/** A stretch of a direction that holds plain bytes, or one TLS record. */
interface Part {
  readonly at: number;
  readonly bytes: Uint8Array;
  /** Neither: a PROXY header, or only what tells which service spoke is in it. */
  readonly greeting?: boolean;
  readonly record?: { readonly type: number; readonly version: number; readonly opened?: OpenedWith | null };
}

/**
 * Takes passwords, proofs, nonces and names out of a conversation, and keeps every length. What TLS sealed is redacted inside and sealed
 * again where the secrets are known, under other secrets; else it stays sealed.
 */
export function redactConversation(pieces: readonly Piece[], options: RedactOptions): Redacted {
  const tap = new Tap(options, redactedProxyHeader(pieces));
  let count = 0;
  for (const piece of pieces) {
    if (tap.complete) break;
    count++;
    if ('bytes' in piece) tap.handleBytes(piece.from, piece.bytes, piece.mark);
    else tap.handleGap(piece.from, piece.missing, piece.mark);
  }
  // Nobody asks why the handshake ended as it did.
  tap.observer.flush?.();
  const names = options.names ?? new Names();
  const randoms = new Randoms(options.random);
  const sealing = new Sealing(options.random, randoms);
  const { data, steps } = tap.observer.trace;
  const side = (from: Side) => {
    tap.noteGreetings(from, steps, data);
    const rewriting = { steps, data, from, protocol: options.protocol, names, sealing, randoms };
    return redactSide(tap.taken[from].parts, rewriting);
  };
  // The client's names first: its messages say whole what the server's sentences only mention.
  const streams = { client: side('client'), server: side('server') };
  return { streams, pieces: count, keyLog: sealing.keyLog };
}

/** Notes where the bytes of each direction go while the observer reads them. */
class Tap extends Conversation {
  readonly taken: Record<Side, { length: number; parts: Part[] }> = {
    client: { length: 0, parts: [] },
    server: { length: 0, parts: [] },
  };
  /** Where the next TLS record of each direction begins; -1 when bytes are missing and nobody knows. */
  readonly #recordAt: Partial<Record<Side, number>> = {};
  /** The header of the record that begins there. */
  readonly #begun: Partial<Record<Side, Part>> = {};

  /** What is left of a PROXY header, which the observer does not see. */
  #skip = 0;

  /** @param proxy header in front of what the client says, as it is to be. */
  constructor({ protocol, direct, client, server, keyLog }: RedactOptions, proxy?: Uint8Array) {
    const observer = createObserver(protocol, {
      source: 'capture',
      client,
      server,
      direct,
      keepData: true,
      outline: true,
    });
    super(observer, {
      keyLog,
      keepData: true,
      outline: true,
      onRecord: (from, record, opened) => this.#noteRecord(from, record, opened),
    });
    if (!proxy) return;
    this.#skip = proxy.length;
    this.taken.client.parts.push({ at: 0, bytes: proxy, greeting: true });
  }

  override handleBytes(from: Side, all: Uint8Array, mark: Mark): void {
    const taken = this.taken[from];
    const skipped = from === 'client' ? Math.min(this.#skip, all.length) : 0;
    this.#skip -= skipped;
    taken.length += skipped;
    const bytes = all.subarray(skipped);
    if (bytes.length === 0) return;
    if (this.observer.layer === 'plain') taken.parts.push({ at: taken.length, bytes: copyOf(bytes) });
    else if (this.#recordAt[from] === -1) {
      // Behind missing bytes a record begins where a segment does.
      if (mayBeRecord(bytes)) this.#recordAt[from] = taken.length;
    } else this.#recordAt[from] ??= taken.length;
    const start = taken.length;
    taken.length += bytes.length;
    super.handleBytes(from, bytes, mark);
    const at = this.#recordAt[from] ?? -1;
    if (at >= start && at < taken.length && mayBeRecord(bytes.subarray(at - start))) {
      this.#begun[from] = { at, bytes: bytes.slice(at - start, at - start + RECORD_HEADER), greeting: true };
    }
  }

  override handleGap(from: Side, length: number, mark: Mark): void {
    this.#noteBegun(from);
    this.taken[from].length += length;
    if (this.#recordAt[from] !== undefined) this.#recordAt[from] = -1;
    super.handleGap(from, length, mark);
  }

  /** Of a record that is not whole its header stays. */
  #noteBegun(from: Side): void {
    const begun = this.#begun[from];
    if (begun && begun.at === this.#recordAt[from]) this.taken[from].parts.push(begun);
  }

  /** What came in place of a TLS record and tells which service it was. */
  noteGreetings(from: Side, steps: readonly Step[], data: readonly (Uint8Array | undefined)[]): void {
    const at = this.#recordAt[from] ?? -1;
    this.#noteBegun(from);
    const step = steps.find(({ message, from: side }) => side === from && message === 'NotTLS');
    const bytes = step && data[step.index];
    if (at < 0 || !bytes || mayBeRecord(bytes)) return;
    this.taken[from].parts.push({ at, bytes: bytes.slice(0, foreignGreeting(bytes)), greeting: true });
  }

  #noteRecord(from: Side, record: TlsRecord, opened: OpenedWith | null | undefined): void {
    const at = this.#recordAt[from] ?? -1;
    if (at < 0) return;
    const { type, version } = record;
    const bytes = concat(record.header, record.payload);
    const copy = opened && { ...opened, content: opened.content.slice() };
    this.taken[from].parts.push({ at, bytes, record: { type, version, opened: copy } });
    this.#recordAt[from] = at + RECORD_HEADER + record.payload.length;
  }
}

function mayBeRecord(bytes: Uint8Array): boolean {
  return bytes[0] >= CONTENT_TYPE.changeCipherSpec && bytes[0] <= 24 && (bytes.length < 2 || bytes[1] === 3);
}

interface Rewriting {
  readonly steps: readonly Step[];
  readonly data: readonly (Uint8Array | undefined)[];
  readonly from: Side;
  readonly protocol: Protocol;
  readonly names: Names;
  readonly sealing: Sealing;
  readonly randoms: Randoms;
}

function redactSide(parts: readonly Part[], rewriting: Rewriting): RedactedStream {
  const { steps, data, from, protocol, names, sealing, randoms } = rewriting;
  const own = steps.filter((step) => step.from === from && step.layer === protocol);
  const messages = (encrypted: boolean) => own.filter((step) => step.encrypted === encrypted);
  const redactContent = (content: Uint8Array, encrypted: boolean) =>
    redactStream(content, messages(encrypted), data, protocol, names);
  const plain = gather(parts, (part) => part.record === undefined && !part.greeting);
  const handshake = gather(parts, (part) => typeOf(part) === CONTENT_TYPE.handshake);
  const inside = gather(parts, (part) => typeOf(part) === CONTENT_TYPE.applicationData);
  redactContent(plain.bytes, false);
  redactHandshake(handshake.bytes, names, randoms);
  redactContent(inside.bytes, true);
  names.noteHidden(handshake.bytes);
  names.noteHidden(inside.bytes);
  const stretches = parts.map((part) => {
    const gathered = [plain, handshake, inside].find(({ places }) => places.has(part));
    const place = gathered?.places.get(part);
    const content =
      gathered && place !== undefined
        ? gathered.bytes.subarray(place, place + contentOf(part).length)
        : otherContent(part);
    return { at: part.at, bytes: rebuilt(part, content, from, sealing) };
  });
  return new RedactedStream(stretches);
}

/** Level and description (RFC 8446 section 6). */
const ALERT_LENGTH = 2;

/** Of other records only a change of the cipher and an alert's two numbers stay; what is sealed and nobody opened is zeros. */
function otherContent(part: Part): Uint8Array {
  const content = contentOf(part);
  if (part.greeting) return content;
  const type = typeOf(part);
  const isChange = type === CONTENT_TYPE.changeCipherSpec && content.length === 1 && content[0] === 1;
  const blanked = new Uint8Array(content.length);
  if (isChange) return content;
  // What is sealed does not begin as a message does: zeros would be one.
  if (part.record?.type === CONTENT_TYPE.handshake) blanked.set(UNFINISHED.slice(0, content.length));
  if (type === CONTENT_TYPE.alert) blanked.set(content.subarray(0, ALERT_LENGTH));
  return blanked;
}

/** The content type that matters for redaction; undefined for sealed records that nobody opened. */
function typeOf({ record }: Part): number | undefined {
  if (!record || record.opened === null) return undefined;
  return record.opened ? record.opened.type : record.type;
}

function contentOf({ bytes, record }: Part): Uint8Array {
  if (!record) return bytes;
  return record.opened ? record.opened.content : bytes.subarray(RECORD_HEADER);
}

/** Joins the contents of some parts, and says where each is. */
function gather(parts: readonly Part[], wanted: (part: Part) => boolean) {
  const places = new Map<Part, number>();
  const chosen = parts.filter(wanted);
  let at = 0;
  for (const part of chosen) {
    places.set(part, at);
    at += contentOf(part).length;
  }
  return { places, bytes: joined(chosen.map(contentOf)) };
}

function rebuilt(part: Part, content: Uint8Array, from: Side, sealing: Sealing): Uint8Array {
  const { bytes, record } = part;
  if (!record) return content;
  const header = bytes.subarray(0, RECORD_HEADER);
  if (!record.opened) return concat(header, content);
  const { type, version } = record;
  const payload = bytes.subarray(RECORD_HEADER);
  const sealed = sealing.seal(from, { type, version, header, payload }, record.opened, content);
  return concat(header, sealed ?? new Uint8Array(payload.length));
}

/**
 * Redacts the messages of the steps where they lie in the stream, in place. What is between and behind them is read as messages that
 * nobody looked at, and becomes zeros where it is none.
 */
function redactStream(
  stream: Uint8Array,
  steps: readonly Step[],
  data: readonly (Uint8Array | undefined)[],
  protocol: Protocol,
  names: Names,
): void {
  let at = 0;
  const rest = (end: number, fromServer: boolean) => {
    if (protocol === 'postgres') redactUnread(stream.subarray(at, end));
    else redactMessages(stream.subarray(at, end), names, fromServer);
  };
  for (const step of steps) {
    const bytes = data[step.index];
    if (bytes === undefined || bytes.length === 0) continue;
    const found = findBytes(stream, bytes, at);
    if (found < 0) continue;
    rest(found, step.from === 'server');
    const end = Math.min(found + Math.max(step.bytes, bytes.length), stream.length);
    const message = stream.subarray(found, end);
    if (protocol === 'postgres') redactPostgres(step, message, names);
    else redactMongo(message, names, step.from === 'server');
    at = end;
  }
  rest(stream.length, steps[0]?.from === 'server');
}

function findBytes(stream: Uint8Array, bytes: Uint8Array, from: number): number {
  for (let at = from; at + bytes.length <= stream.length; at++) {
    if (isAt(stream, at, bytes)) return at;
  }
  return -1;
}

function isAt(stream: Uint8Array, at: number, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (stream[at + i] !== bytes[i]) return false;
  return true;
}
