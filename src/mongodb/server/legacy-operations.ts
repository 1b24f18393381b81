/**
 * Operations that are no command. Servers before 5.1 carry them out (mongos `Strategy::queryOp`, `getMore`, `writeOp`, `killCursors`):
 * as there is no data here, a query finds nothing and a write fails. Servers from 5.1 on refuse them all
 * (`src/mongo/client/op_legacy_integration_test.cpp`).
 */
import { MongoCode } from '../errors';
import { Opcode, opcodeName, ReplyFlag } from '../wire/opcodes';
import type { WireMessage } from '../wire/wire';
import type { Status } from './status';

export type LegacyOutcome =
  /** OP_REPLY without documents. */
  | { readonly kind: 'empty'; readonly flags: number }
  /** Told in an OP_REPLY where the client waits for one, else by getLastError. */
  | { readonly kind: 'error'; readonly answered: boolean; readonly status: Status }
  | { readonly kind: 'nothing' }
  /** There is no way to tell the client: the connection ends. */
  | { readonly kind: 'close'; readonly reason: string };

/** Assertion number of the servers that refuse OP_QUERY and OP_GET_MORE. */
const NO_LONGER_SUPPORTED = 5_739_101;

export interface LegacyContext {
  /** The server is of a version that has retired these operations. */
  readonly isRetired: boolean;
  /** The client may read and write. */
  readonly isAuthorized: boolean;
}

/** @param message one that is no command */
export function legacyOperation(message: WireMessage, context: LegacyContext): LegacyOutcome {
  const { opcode } = message.header;
  const name = opcodeName(opcode) ?? String(opcode);
  const isAnswered = opcode === Opcode.QUERY || opcode === Opcode.GET_MORE;
  if (context.isRetired) {
    const text = `${name} is no longer supported. The client driver may require an upgrade.`;
    if (!isAnswered) return { kind: 'close', reason: text };
    return error(NO_LONGER_SUPPORTED, text, true);
  }
  switch (opcode) {
    case Opcode.QUERY: {
      if (context.isAuthorized) return { kind: 'empty', flags: ReplyFlag.AWAIT_CAPABLE };
      const namespace = message.kind === 'query' ? message.collection.slice(0, 200) : '';
      return error(MongoCode.UNAUTHORIZED, `not authorized for query on ${namespace}`, true);
    }
    case Opcode.GET_MORE:
      // No database has a cursor: the same for everybody.
      return { kind: 'empty', flags: ReplyFlag.CURSOR_NOT_FOUND };
    case Opcode.INSERT:
    case Opcode.UPDATE:
    case Opcode.DELETE:
      return context.isAuthorized
        ? error(MongoCode.COMMAND_NOT_SUPPORTED, `${name}: this server keeps users and no data`, false)
        : error(MongoCode.UNAUTHORIZED, `not authorized for ${name}`, false);
    case Opcode.KILL_CURSORS:
      return { kind: 'nothing' };
    default:
      // `verify(op > dbMsg)`.
      return error(MongoCode.BAD_VALUE, `${name} is not an operation that a client may ask for`, false);
  }
}

function error(code: number, text: string, answered: boolean): LegacyOutcome {
  return { kind: 'error', answered, status: { code, message: text } };
}
