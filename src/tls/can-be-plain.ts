/** Whether a record can be what it says without being opened: asked where the bytes that announce sealing may be missing. */
import { CONTENT_TYPE, HANDSHAKE_TYPE, isKnownAlert } from './names';

/** Handshake messages that are only ever sent sealed (RFC 8446 section 4, RFC 5246 section 7.3). */
const NEVER_PLAIN: ReadonlySet<number> = new Set([
  HANDSHAKE_TYPE.encryptedExtensions,
  HANDSHAKE_TYPE.finished,
  HANDSHAKE_TYPE.keyUpdate,
]);

const KNOWN: ReadonlySet<number> = new Set(Object.values(HANDSHAKE_TYPE));

/** A chain of certificates may be longer than its record; no other message is. */
const LONGEST_CHAIN = 1 << 17;

/** @param type of the record. @param content its payload, which begins with a message if it is a handshake. */
export function canBePlain(type: number, content: Uint8Array): boolean {
  if (type === CONTENT_TYPE.alert) {
    return content.length === 2 && (content[0] === 1 || content[0] === 2) && isKnownAlert(content[1]);
  }
  return type !== CONTENT_TYPE.handshake || isWhole(content);
}

/** Messages one behind the other fill the record; the last may be a chain that goes on in the next. */
function isWhole(content: Uint8Array): boolean {
  let at = 0;
  while (at < content.length) {
    const type = content[at];
    if (content.length - at < 4 || !KNOWN.has(type) || NEVER_PLAIN.has(type)) return false;
    const length = (content[at + 1] << 16) | (content[at + 2] << 8) | content[at + 3];
    at += 4 + length;
    if (at > content.length) return type === HANDSHAKE_TYPE.certificate && length <= LONGEST_CHAIN;
  }
  return content.length > 0;
}
