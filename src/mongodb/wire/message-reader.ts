import type { Issue } from '../../base/issue';
import { issue } from '../../base/issue';
import type { Mark } from '../../base/mark';
import { StreamBuffer } from '../../base/stream-buffer';
import { type Compressor, compressorOf, unpack } from './compression';
import { HEADER_BYTES } from './opcodes';
import { parseHeader, parseMessage, type WireMessage } from './wire';

export type ReadResult =
  | { readonly kind: 'more' }
  | {
      readonly kind: 'message';
      readonly message: WireMessage;
      readonly bytes: Uint8Array;
      readonly issues: readonly Issue[];
      /** What the message came compressed with; it and its bytes are unpacked. */
      readonly compressor?: Compressor;
    }
  | { readonly kind: 'bad'; readonly issue: Issue };

const NOWHERE: Mark = { frame: 0, seconds: 0, nanos: 0 };

/** Cuts a stream into messages for a machine: whole ones only, none above `limit` bytes. */
export class MessageReader {
  readonly #buffer: StreamBuffer;

  constructor(private readonly limit: number) {
    // One message of the limit, and the header of the next: what comes beyond waits in the transport.
    this.#buffer = new StreamBuffer(2 * limit + HEADER_BYTES);
  }

  append(bytes: Uint8Array): void {
    this.#buffer.append(bytes, NOWHERE);
  }

  get pending(): number {
    return this.#buffer.length;
  }

  /** The next message; its bytes are a copy. After `bad` the stream cannot be read on. */
  next(): ReadResult {
    const view = this.#buffer.view();
    const result = parseHeader(view);
    if (result.kind !== 'header') return result;
    const { messageLength } = result.header;
    if (messageLength > this.limit || this.#buffer.overflowed) {
      const text = `a message of ${messageLength} bytes; at most ${this.limit} are taken`;
      return { kind: 'bad', issue: issue('MONGO_TOO_LONG', text, 0) };
    }
    if (view.length < messageLength) return { kind: 'more' };
    const bytes = view.slice(0, messageLength);
    this.#buffer.consume(messageLength);
    const { value, issues } = parseMessage(bytes, result.header);
    if (value.kind !== 'compressed') return { kind: 'message', message: value, bytes, issues };
    const inner = unpack(value, bytes, this.limit);
    if ('code' in inner) return { kind: 'message', message: value, bytes, issues: [inner] };
    return { kind: 'message', ...inner, compressor: compressorOf(value.compressorId) };
  }
}

/** What is wrong, and at which byte of the message. */
export function issueText({ message, offset }: Issue): string {
  return offset === undefined ? message : `${message} (byte ${offset} of the message)`;
}

/** The document that a message carries as command or reply; `undefined` where the kind has none. */
export function bodyOf(message: WireMessage) {
  switch (message.kind) {
    case 'query':
    case 'msg':
    case 'command':
    case 'commandReply':
      return message.document;
    case 'reply':
      return message.documents[0];
    case 'compressed':
    case 'retired':
      return undefined;
    default: {
      const never: never = message;
      return never;
    }
  }
}
