import type { Side } from '../../base/mark';
import { LIMITS } from '../constants';
import { frameTyped } from '../messages/frame';
import { isBackendType } from '../messages/message-backend';
import { isFrontendType } from '../messages/message-frontend';

/**
 * Where a message of this side begins behind missing bytes: a known type and a possible length that lead to the end of what there is, or
 * to another such message.
 *
 * @returns an offset above 0, or -1.
 */
export function findMessage(bytes: Uint8Array, from: Side): number {
  const isType = from === 'client' ? isFrontendType : isBackendType;
  for (let at = 1; at + 5 <= bytes.length; at++) {
    if (!isType(bytes[at])) continue;
    const first = frameTyped(bytes.subarray(at), LIMITS.authToken);
    if (first.kind !== 'frame') continue;
    const rest = bytes.subarray(at + first.length);
    if (rest.length === 0) return at;
    if (isType(rest[0]) && frameTyped(rest, LIMITS.authToken).kind !== 'bad') return at;
  }
  return -1;
}
