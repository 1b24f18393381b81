import { type Issue, issue } from '../../base/issue';
import { type LengthLimit, LIMITS } from '../constants';

/**
 * The first level of reading: where a message ends. A length word is believed only inside its limits, so nothing waits for
 * bytes that no server or client would accept.
 */
export type Framing =
  /** Not all here yet. */
  | { readonly kind: 'more' }
  /** A whole message: `length` bytes, its type byte and length word included. */
  | { readonly kind: 'frame'; readonly length: number }
  /** A length no peer accepts; `declared` is what the length word said. */
  | { readonly kind: 'bad'; readonly declared: number; readonly issue: Issue };

const MORE: Framing = { kind: 'more' };

/** A message without a type byte: StartupMessage, SSLRequest, GSSENCRequest, CancelRequest (`ProcessStartupPacket`). */
export function frameStartup(bytes: Uint8Array): Framing {
  if (bytes.length < 4) return MORE;
  const declared = i32(bytes, 0);
  const { min, max } = LIMITS.startupBody;
  if (declared - 4 < min || declared - 4 > max) {
    return bad(
      declared,
      `startup packet body must be ${min} to ${max} bytes, its length word says ${declared - 4}`,
      0,
    );
  }
  return bytes.length < declared ? MORE : { kind: 'frame', length: declared };
}

/** A message with a type byte. `limit` bounds the length word, which counts itself and not the type byte. */
export function frameTyped(bytes: Uint8Array, limit: LengthLimit): Framing {
  const length = typedLength(bytes, 0, bytes.length, limit);
  if (length === 0) return MORE;
  if (length > 0) return { kind: 'frame', length };
  const declared = i32(bytes, 1);
  const type = typeName(bytes[0]);
  return bad(
    declared,
    `message ${type} must be ${limit.min} to ${limit.max} bytes long, its length word says ${declared}`,
    1,
  );
}

/**
 * What {@link frameTyped} finds from `start` to `end`, as a number.
 *
 * @returns the length of the whole message, 0 when not all of it is there, -1 for a length that no peer accepts.
 */
export function typedLength(bytes: Uint8Array, start: number, end: number, limit: LengthLimit): number {
  if (end - start < 5) return 0;
  const declared = i32(bytes, start + 1);
  if (declared < limit.min || declared > limit.max) return -1;
  return end - start < declared + 1 ? 0 : declared + 1;
}

/** The type byte as people write it: `'R'`, or its number when it is not printable. */
export function typeName(type: number): string {
  return type > 0x20 && type < 0x7f
    ? `'${String.fromCharCode(type)}'`
    : `0x${type.toString(16).padStart(2, '0')}`;
}

/** Signed big-endian Int32 at `at`; the caller knows that it is there. */
export function i32(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

function bad(declared: number, message: string, offset: number): Framing {
  return { kind: 'bad', declared, issue: issue('PG_BAD_LENGTH', message, offset) };
}
