import { BSON } from 'bson';
import { type Decoded, issue } from '../../base/issue';
import { walkBson } from './bson-span';

/** A document to send: field order is the order of the keys, and the first key names the command. */
export type Document = Record<string, unknown>;

/** BSON of a document; fields whose value is `undefined` are left out. */
export function encodeBson(document: Document): Uint8Array {
  const bytes = BSON.serialize(document, { ignoreUndefined: true });
  // Under Node the library gives a Buffer, whose `slice` does not copy.
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * A whole document as JavaScript values: binary as `Binary`, 64-bit integers as numbers where they fit. It is walked first,
 * so that depth and lengths are known to be sane before the decoder sees it. Damaged bytes give an empty document and issues.
 */
export function decodeBson(bytes: Uint8Array): Decoded<Document> {
  const { value, issues } = walkBson(bytes);
  if (issues.length > 0) return { value: {}, issues };
  try {
    return { value: BSON.deserialize(bytes.subarray(0, value.length)), issues };
  } catch (error) {
    return {
      value: {},
      issues: [issue('BSON_UNREADABLE', error instanceof Error ? error.message : String(error), 0)],
    };
  }
}
