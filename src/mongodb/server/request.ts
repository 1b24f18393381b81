import { concat } from '../../base/bytes';
import { MongoCode } from '../errors';
import { unwrapQuery } from '../exchange';
import { type Document, encodeBson } from '../wire/bson';
import { BsonView } from '../wire/bson-value';
import { MsgFlag, Opcode, ReplyFlag } from '../wire/opcodes';
import type { MsgMessage, WireMessage } from '../wire/wire';
import { buildMessage, buildMsg, buildReply } from '../wire/wire-build';
import { failure, type Result, success } from './status';

/** A message that asks for a command (mongos `Request::init`, `Strategy::clientCommandOp`). */
export interface Request {
  readonly requestId: number;
  readonly database: string;
  readonly command: BsonView;
  /** How it is answered; `null` for `moreToCome`, which wants no answer. */
  readonly answer: AnswerKind | null;
  /** Several replies are welcome: OP_MSG's `exhaustAllowed`. */
  readonly exhaust: boolean;
  /** The request had a checksum: an OP_MSG that answers it has one too, unless TLS protects both. */
  readonly checksum: boolean;
}

export type AnswerKind = 'OP_REPLY' | 'OP_MSG' | 'OP_COMMANDREPLY';

/** A command, or why there is none and how that is answered. */
export type RequestResult = Result<Request> & { readonly answer: AnswerKind | null };

/** Assertion numbers of the source, which clients see as `code`: the first is mongos', the second mongod's. */
const BAD_NUMBER_TO_RETURN = { mongos: 16_978, mongod: 16_979 } as const;
const NO_DB_ARGUMENT = 40_571;
const DUPLICATE_SEQUENCE = 40_431;
const DUPLICATE_FIELD = 40_433;

const COMMAND_SUFFIX = '.$cmd';

/** Longest name of a database, bytes and so ASCII characters. */
const MAX_DATABASE_NAME = 63;

/** Whether a message is a command: OP_QUERY on `$cmd`, OP_MSG or OP_COMMAND. The rest is `legacy-operations`. */
export function isCommand(message: WireMessage): boolean {
  switch (message.kind) {
    case 'query':
      return message.collection.endsWith(COMMAND_SUFFIX);
    case 'msg':
    case 'command':
      return true;
    default:
      return false;
  }
}

/** @param message one that {@link isCommand} */
export function readRequest(
  message: WireMessage,
  bytes: Uint8Array,
  role: 'mongos' | 'mongod',
): RequestResult {
  const { requestId } = message.header;
  switch (message.kind) {
    case 'query': {
      const { collection, numberToReturn } = message;
      const answer = 'OP_REPLY';
      if (numberToReturn !== 1 && numberToReturn !== -1) {
        const text = `bad numberToReturn (${numberToReturn}) for $cmd type ns - can only be 1 or -1`;
        return { ...failure(BAD_NUMBER_TO_RETURN[role], text), answer };
      }
      const database = collection.slice(0, -COMMAND_SUFFIX.length);
      const command = unwrapQuery(BsonView.of(bytes, message.document));
      return checked({ requestId, database, command, answer, exhaust: false, checksum: false }, role);
    }
    case 'msg': {
      const answer = (message.flags & MsgFlag.MORE_TO_COME) !== 0 ? null : 'OP_MSG';
      const exhaust = answer !== null && (message.flags & MsgFlag.EXHAUST_ALLOWED) !== 0;
      const checksum = message.checksum !== null;
      const command = BsonView.of(bytes, message.document);
      const twice = duplicateOf(message, command);
      if (twice) return { ...twice, answer };
      const database = command.string('$db');
      if (database === undefined) {
        return { ...failure(NO_DB_ARGUMENT, 'OP_MSG requests require a $db argument'), answer };
      }
      return checked({ requestId, database, command, answer, exhaust, checksum }, role);
    }
    case 'command': {
      // As 3.4 sends it: the arguments, then the metadata.
      const command = BsonView.of(bytes, message.document);
      const { database } = message;
      return checked(
        { requestId, database, command, answer: 'OP_COMMANDREPLY', exhaust: false, checksum: false },
        role,
      );
    }
    default:
      return { ...failure(MongoCode.BAD_VALUE, 'not a command'), answer: null };
  }
}

/** A field that comes more than once, in the body or as a document sequence (`OpMsg::parse`). */
function duplicateOf({ sequences }: MsgMessage, command: BsonView): Result<never> | undefined {
  const seen = new Set<string>();
  for (const { identifier } of sequences) {
    const name = identifier.slice(0, 100);
    if (seen.has(identifier)) return failure(DUPLICATE_SEQUENCE, `Duplicate document sequence: ${name}`);
    if (command.has(identifier)) {
      return failure(DUPLICATE_FIELD, `Duplicate field between body and document sequence ${name}`);
    }
    seen.add(identifier);
  }
  return undefined;
}

/** The checks of the namespace (`Request::init`; later `Strategy::clientCommand`). */
function checked(request: Request, role: 'mongos' | 'mongod'): RequestResult {
  const { database, answer } = request;
  if (role === 'mongos' && database === 'local') {
    return { ...failure(MongoCode.ILLEGAL_OPERATION, "Can't use 'local' database through mongos"), answer };
  }
  // `NamespaceString::validDBName`.
  if (database === '' || database.length > MAX_DATABASE_NAME || /[/\\. "\0]/.test(database)) {
    const text = `Invalid database name: '${database.slice(0, 100)}'`;
    return { ...failure(MongoCode.INVALID_NAMESPACE, text), answer };
  }
  return { ...success(request), answer };
}

export interface AnswerOptions {
  /** OP_MSG: another reply follows by itself. */
  readonly moreToCome?: boolean;
  /** OP_MSG: CRC-32C at the end. */
  readonly checksum?: boolean;
}

/** The reply message. `document` is BSON. */
export function buildAnswer(
  answer: AnswerKind,
  requestId: number,
  responseTo: number,
  document: Uint8Array,
  { moreToCome = false, checksum = false }: AnswerOptions = {},
): Uint8Array {
  if (answer === 'OP_MSG') {
    return buildMsg(requestId, responseTo, document, {
      flags: moreToCome ? MsgFlag.MORE_TO_COME : 0,
      checksum,
    });
  }
  if (answer === 'OP_REPLY') return buildReply(requestId, responseTo, document, ReplyFlag.AWAIT_CAPABLE);
  const metadata = encodeBson({});
  return buildMessage(Opcode.COMMANDREPLY, requestId, responseTo, concat(document, metadata));
}

/** The answer to what is no good command: a failed query says so in its flags and in `$err` (mongos `buildErrReply`). */
export function buildRefusal(
  answer: AnswerKind,
  requestId: number,
  responseTo: number,
  document: Document,
): Uint8Array {
  if (answer !== 'OP_REPLY') {
    return buildAnswer(answer, requestId, responseTo, encodeBson(document));
  }
  return buildReply(requestId, responseTo, { ...document, $err: document.errmsg }, ReplyFlag.QUERY_FAILURE);
}
