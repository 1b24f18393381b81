import type { Side } from '../../base/mark';
import type { LazyWords, StepWords } from '../../trace/lazy-step';
import type { RequestKind } from '../exchange';
import { BsonView } from '../wire/bson-value';
import { seenFields } from '../wire/compressed-fields';
import { bodyOf } from '../wire/message-reader';
import { MsgFlag, ReplyFlag } from '../wire/opcodes';
import { parseHeader, parseMessage } from '../wire/wire';
import { commandOf, databaseOf, unread } from './observed-command';
import type { SeenMessage } from './observer-stream';
import { replySummary, requestSummary } from './summaries';

/** The line and the fields of a message, read again from its bytes. */
export class MessageWords implements LazyWords {
  readonly #bytes: Uint8Array;
  /** What OP_COMPRESSED held is not unpacked a second time. */
  readonly #unpacked: SeenMessage | undefined;

  /**
   * @param kind of the request, or of the one that is answered. @param name of the command.
   * @param mechanism of the authentication under way; null when there is none.
   */
  constructor(
    seen: SeenMessage,
    private readonly from: Side,
    private readonly kind: RequestKind,
    private readonly name: string,
    private readonly mechanism: string | null,
  ) {
    this.#bytes = seen.bytes;
    this.#unpacked = seen.wire ? seen : undefined;
  }

  words(): StepWords {
    const seen = this.#unpacked ?? this.#read();
    const { from, kind, mechanism } = this;
    const summary = from === 'client' ? requestLine(seen, kind, this.name) : replyLine(seen, kind);
    return { summary, fields: seenFields(seen, { from, kind, mechanism }) };
  }

  #read(): SeenMessage {
    const bytes = this.#bytes;
    const result = parseHeader(bytes);
    // It was read before, and the bytes are the same.
    if (result.kind !== 'header') throw new RangeError('a message without a header');
    return { message: parseMessage(bytes, result.header).value, bytes, frames: [], issues: [] };
  }
}

function requestLine({ message, bytes }: SeenMessage, kind: RequestKind, name: string): string {
  const command = commandOf(message, bytes);
  return command ? requestSummary(kind, name, databaseOf(message, command), command) : unread(message);
}

function replyLine({ message, bytes }: SeenMessage, kind: RequestKind): string {
  const span = bodyOf(message);
  if (!span) return unread(message);
  const reply = BsonView.of(bytes, span);
  const failed = message.kind === 'reply' && (message.flags & ReplyFlag.QUERY_FAILURE) !== 0;
  const ordinary = kind === 'command' && !reply.has('ok') && !failed;
  const text = ordinary ? 'documents' : replySummary(kind, reply);
  const more = message.kind === 'msg' && (message.flags & MsgFlag.MORE_TO_COME) !== 0;
  return more ? `${text}, more to come` : text;
}
