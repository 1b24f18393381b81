import { concat } from '../../base/bytes';
import { type Document, encodeBson } from '../bson';
import { BsonView } from '../bson-value';
import { MongoCode } from '../errors';
import { unwrapQuery } from '../exchange';
import { MsgFlag, Opcode, opcodeName, ReplyFlag } from '../opcodes';
import type { WireMessage } from '../wire';
import { buildMessage, buildMsg, buildReply } from '../wire-build';
import { failure, type Result, success } from './status';

/** A message that asks for a command (mongos `Request::init`, `Strategy::clientCommandOp`). */
export interface Request {
  readonly requestId: number;
  readonly database: string;
  readonly command: BsonView;
  /** How it is answered; `null` for `moreToCome`, which wants no answer. */
  readonly answer: AnswerKind | null;
}

export type AnswerKind = 'OP_REPLY' | 'OP_MSG' | 'OP_COMMANDREPLY';

/** A message that is no command: answered as a failed query where an answer is expected, else the connection is closed. */
export interface BadRequest {
  readonly answer: AnswerKind | null;
  /** The connection cannot go on (an assertion outside of any command). */
  readonly fatal: boolean;
}

export type RequestResult = Result<Request> & { readonly bad?: BadRequest };

/** Assertion numbers of the source, which clients see as `code`. */
const BAD_NUMBER_TO_RETURN = 16_979;
const NO_DB_ARGUMENT = 40_571;

const COMMAND_SUFFIX = '.$cmd';

export function readRequest(message: WireMessage, bytes: Uint8Array): RequestResult {
  const { requestId } = message.header;
  switch (message.kind) {
    case 'query': {
      const { collection, numberToReturn } = message;
      if (!collection.endsWith(COMMAND_SUFFIX)) {
        const text = `Unsupported OP_QUERY on ${collection.slice(0, 200)}. The client driver may require an upgrade.`;
        return bad(MongoCode.UNSUPPORTED_OP_QUERY, text, 'OP_REPLY');
      }
      if (numberToReturn !== 1 && numberToReturn !== -1) {
        const text = `bad numberToReturn (${numberToReturn}) for $cmd type ns - can only be 1 or -1`;
        return bad(BAD_NUMBER_TO_RETURN, text, 'OP_REPLY');
      }
      const database = collection.slice(0, -COMMAND_SUFFIX.length);
      const command = unwrapQuery(BsonView.of(bytes, message.document));
      return success({ requestId, database, command, answer: 'OP_REPLY' });
    }
    case 'msg': {
      const answer = (message.flags & MsgFlag.MORE_TO_COME) !== 0 ? null : 'OP_MSG';
      const command = BsonView.of(bytes, message.document);
      const database = command.string('$db');
      if (!database) return bad(NO_DB_ARGUMENT, 'OP_MSG requests require a $db argument', answer);
      return success({ requestId, database, command, answer });
    }
    case 'command': {
      // As 3.4 sends it: the arguments, then the metadata.
      const command = BsonView.of(bytes, message.document);
      return success({ requestId, database: message.database, command, answer: 'OP_COMMANDREPLY' });
    }
    case 'retired':
      if (message.header.opcode === Opcode.GET_MORE) {
        const text = 'OP_GET_MORE is no longer supported. The client driver may require an upgrade.';
        return bad(MongoCode.UNSUPPORTED_OP_QUERY, text, 'OP_REPLY');
      }
      return notTaken(message);
    case 'reply':
    case 'commandReply':
    case 'compressed':
      return notTaken(message);
    default: {
      const never: never = message;
      return never;
    }
  }
}

/** Nobody waits for an answer to these: the connection ends. */
function notTaken({ header }: WireMessage): RequestResult {
  const name = opcodeName(header.opcode) ?? String(header.opcode);
  return {
    ...failure(MongoCode.BAD_VALUE, `${name} is not taken here`),
    bad: { answer: null, fatal: true },
  };
}

function bad(code: number, text: string, answer: BadRequest['answer']): RequestResult {
  return { ...failure<Request>(code, text), bad: { answer, fatal: false } };
}

/** The reply message; a failed query says so in its flags and in `$err` (mongos `buildErrReply`). */
export function buildAnswer(
  answer: AnswerKind,
  requestId: number,
  responseTo: number,
  document: Document,
  queryFailed = false,
): Uint8Array {
  if (answer === 'OP_MSG') return buildMsg(requestId, responseTo, document);
  if (answer === 'OP_COMMANDREPLY') {
    const metadata = encodeBson({});
    return buildMessage(Opcode.COMMANDREPLY, requestId, responseTo, concat(encodeBson(document), metadata));
  }
  const flags = queryFailed ? ReplyFlag.QUERY_FAILURE : ReplyFlag.AWAIT_CAPABLE;
  return buildReply(
    requestId,
    responseTo,
    queryFailed ? { ...document, $err: document.errmsg } : document,
    flags,
  );
}
