import type { Field } from '../../trace/model';
import { type FieldContext, messageFields } from '../observer/fields';
import type { SeenMessage } from '../observer/observer-stream';

/**
 * Fields of a message as it was seen: of a compressed one those of OP_COMPRESSED with their places, and under its content those of
 * the message inside, which have no place on the wire.
 */
export function seenFields(seen: SeenMessage, context: FieldContext): Field[] {
  const inner = messageFields(seen.bytes, seen.message, context);
  if (!seen.wire) return inner;
  const outer = messageFields(seen.wire.bytes, seen.wire.message, context);
  const [content] = outer.splice(-1);
  const value = `${seen.bytes.length} bytes unpacked`;
  return [...outer, { ...content, value, fields: inner.map(withoutPlace) }];
}

function withoutPlace(field: Field): Field {
  const { offset: _offset, length: _length, fields, ...rest } = field;
  return fields ? { ...rest, fields: fields.map(withoutPlace) } : rest;
}
