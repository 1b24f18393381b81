import { codeName } from '../errors';
import { type Document, decodeBson, encodeBson } from '../wire/bson';
import { walkBson } from '../wire/bson-span';
import { BsonView } from '../wire/bson-value';
import type { Status } from './status';

/** `Command::appendCommandStatus`. */
export function errorDocument(status: Status): Document {
  return { ok: 0, errmsg: status.message, code: status.code, codeName: codeName(status.code) };
}

/** BSON as what reads it wants it. */
export function viewOf(bytes: Uint8Array): BsonView {
  return BsonView.of(bytes, walkBson(bytes).value);
}

/** The command with some of its fields replaced. */
export function changedCommand(command: BsonView, changes: Document): BsonView {
  const [first] = command.elements;
  if (!first) return command;
  // A document begins with its length, four bytes before its first element.
  const { value } = decodeBson(command.bytes.subarray(first.offset - 4));
  return viewOf(encodeBson({ ...value, ...changes }));
}
