import { utf8 } from '../base/bytes';
import type { Side } from '../base/mark';
import type { CloseKind } from '../inspect/observer';
import type { RecordedEvent, Recording } from '../inspect/recording';
import type { LocalEvent } from '../trace/local';
import type { Endpoint, Protocol } from '../trace/model';
import { now } from './clock';

/** A handshake is a few kilobytes; what a peer sends past these is carried but not kept. */
export const RECORDING_LIMITS = { bytes: 4 << 20, events: 20_000, keyLog: 64 << 10 } as const;

/** Collects what one connection did, in order and with its times, and makes a {@link Recording} of it. */
export class ConnectionRecorder {
  client: Endpoint;
  server: Endpoint;
  readonly #events: RecordedEvent[] = [];
  readonly #keyLog: Uint8Array[] = [];
  #keyLogBytes = 0;
  #bytes = 0;
  #closed = { client: false, server: false };

  /** @param keeps without it nothing is kept, TLS secrets least of all: nobody will ask. */
  constructor(
    readonly source: 'live' | 'lab',
    readonly protocol: Protocol,
    server: Endpoint,
    client: Endpoint = { address: server.address.includes(':') ? '::' : '0.0.0.0', port: 0 },
    readonly keeps = true,
  ) {
    this.server = server;
    this.client = client;
  }

  connect(): void {
    this.#add({ kind: 'connect', time: now() });
  }

  accept(): void {
    this.#add({ kind: 'accept', time: now() });
  }

  refuse(): void {
    this.#add({ kind: 'refuse', time: now() });
  }

  /** Bytes on the wire. They are kept and not copied: nobody may change them afterwards. */
  bytes(from: Side, bytes: Uint8Array): void {
    if (!this.keeps || bytes.length === 0 || this.#bytes >= RECORDING_LIMITS.bytes) return;
    const room = RECORDING_LIMITS.bytes - this.#bytes;
    const kept = bytes.length <= room ? bytes : bytes.slice(0, room);
    this.#bytes += kept.length;
    this.#add({ kind: 'bytes', time: now(), from, bytes: kept });
    if (this.#bytes >= RECORDING_LIMITS.bytes) {
      this.local({
        kind: 'note',
        message: 'Recording full',
        summary: `only the first ${RECORDING_LIMITS.bytes} bytes of this connection are recorded`,
      });
    }
  }

  /** The end of one direction; a second end of the same direction is not an event. */
  close(from: Side, how: CloseKind): void {
    if (this.#closed[from]) return;
    this.#closed[from] = true;
    this.#add({ kind: 'close', time: now(), from, how });
  }

  local(event: LocalEvent): void {
    this.#add({ kind: 'local', time: now(), event });
  }

  /** Something that happened now and whose description takes longer than a handshake should wait: made when it is read. */
  localLater(describe: () => LocalEvent): void {
    let made: LocalEvent | undefined;
    this.#add({
      kind: 'local',
      time: now(),
      get event() {
        made ??= describe();
        return made;
      },
    });
  }

  /** One line in NSS key log form, with or without its newline. It is kept and not copied. */
  secret(line: Uint8Array): void {
    if (!this.keeps || this.#keyLogBytes + line.length > RECORDING_LIMITS.keyLog) return;
    this.#keyLogBytes += line.length;
    this.#keyLog.push(line);
  }

  /** TLS secrets so far; empty without TLS. They become text only here: a handshake need not wait for that. */
  get keyLog(): string {
    return this.#keyLog.map((line) => `${utf8(line).trimEnd()}\n`).join('');
  }

  /** Whether a local event already says what ended the attempt. */
  hasLocalError(): boolean {
    return this.#events.some((event) => event.kind === 'local' && event.event.error !== undefined);
  }

  /** The first bytes that one side sent; empty when it sent none. */
  firstBytes(from: Side): Uint8Array {
    for (const event of this.#events) if (event.kind === 'bytes' && event.from === from) return event.bytes;
    return new Uint8Array(0);
  }

  /** The recording so far; later events do not change it. */
  recording(): Recording {
    return {
      source: this.source,
      protocol: this.protocol,
      client: this.client,
      server: this.server,
      events: this.#events.slice(),
      keyLog: this.keyLog,
    };
  }

  #add(event: RecordedEvent): void {
    if (this.keeps && this.#events.length < RECORDING_LIMITS.events) this.#events.push(event);
  }
}
