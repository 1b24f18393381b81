import { equalBytes, utf8Bytes } from '../../base/bytes';
import type { Observed } from './observed';

/** What follows the header of a ParameterStatus that says `on`. */
const IN_HOT_STANDBY = utf8Bytes('in_hot_standby\0on\0');
const READ_ONLY = utf8Bytes('default_transaction_read_only\0on\0');

/** The type byte and the length word. */
const HEADER = 5;

/** What the diagnosis wants of messages that say nothing to the connection: looked at by length first, as every connection has a dozen. */
export function noteSilent(observed: Observed, bytes: Uint8Array, start: number, length: number): void {
  if (bytes[start] === 0x4b) observed.cancelKeyLength = length - HEADER - 4;
  if (bytes[start] !== 0x53) return;
  if (length === HEADER + IN_HOT_STANDBY.length) observed.inHotStandby ||= says(IN_HOT_STANDBY);
  else if (length === HEADER + READ_ONLY.length) observed.readOnly ||= says(READ_ONLY);

  function says(words: Uint8Array): boolean {
    return equalBytes(bytes.subarray(start + HEADER, start + length), words);
  }
}
