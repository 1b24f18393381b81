import { type Compressor, pack } from '../wire/compression';
import { issueText, MessageReader } from '../wire/message-reader';
import type { WireMessage } from '../wire/wire';

/** The longest message taken; a handshake needs little, and more would only fill the memory. */
const MAX_REQUEST_BYTES = 1 << 20;

/** Issues of the wire after which the source closes the connection without an answer. */
const FATAL_ISSUES = new Set([
  'MONGO_CHECKSUM',
  'MONGO_MSG_FLAGS',
  'MONGO_MSG_SECTIONS',
  'MONGO_SHORT',
  'MONGO_COMPRESSED',
  'MONGO_COMPRESSED_SIZE',
]);

/** One in so many messages marks the thread as idle (`markThreadIdle`, which lets the allocator give memory back). */
const MESSAGES_PER_IDLE_MARK = 16;

export type Received =
  | { readonly kind: 'more' }
  | {
      readonly kind: 'message';
      readonly message: WireMessage;
      readonly bytes: Uint8Array;
      /** What its reply is compressed with. */
      readonly compressor: Compressor | undefined;
      /** What is wrong with its document, and at which byte. */
      readonly damage: string | undefined;
    }
  /** The exception that ends the connection. */
  | {
      readonly kind: 'exception';
      readonly name: 'SocketException' | 'AssertionException';
      readonly reason: string;
    };

/** Bytes and messages of one loop, or of all of a server. */
export interface NetworkCounter {
  messages: number;
  bytesIn: number;
  bytesOut: number;
}

/** The loop of one connection: cuts messages out of the stream and counts (mongos `PortMessageServer::handleIncomingMsg`). */
export class ReceiveLoop implements NetworkCounter {
  readonly #reader = new MessageReader(MAX_REQUEST_BYTES);
  messages = 0;
  bytesIn = 0;
  bytesOut = 0;
  idleMarks = 0;

  /** @param total counts along (mongos `networkCounter`). */
  constructor(private readonly total: NetworkCounter) {}

  append(bytes: Uint8Array): void {
    this.bytesIn += bytes.length;
    this.total.bytesIn += bytes.length;
    this.#reader.append(bytes);
  }

  /** `recv`. */
  next(): Received {
    const result = this.#reader.next();
    if (result.kind === 'more') return result;
    if (result.kind === 'bad') {
      return { kind: 'exception', name: 'SocketException', reason: `recv(): ${issueText(result.issue)}` };
    }
    if (this.messages % MESSAGES_PER_IDLE_MARK === 0) this.idleMarks++;
    this.messages++;
    this.total.messages++;
    const fatal = result.issues.find((found) => FATAL_ISSUES.has(found.code));
    if (fatal) return { kind: 'exception', name: 'AssertionException', reason: issueText(fatal) };
    const { message, bytes, compressor } = result;
    const [damage] = result.issues;
    return { kind: 'message', message, bytes, compressor, damage: damage && issueText(damage) };
  }

  /** A message as it goes on the wire. */
  send(message: Uint8Array, compressor: Compressor | undefined): Uint8Array {
    const bytes = compressor ? pack(message, compressor) : message;
    this.bytesOut += bytes.length;
    this.total.bytesOut += bytes.length;
    return bytes;
  }

  /** For the last line of the log. */
  get statistics(): string {
    const { messages, bytesIn, bytesOut, idleMarks } = this;
    return `${messages} messages, ${bytesIn} bytes in, ${bytesOut} bytes out, ${idleMarks} idle marks`;
  }
}
