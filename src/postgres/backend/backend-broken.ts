import { type ProtocolVersion, versionText } from '../constants';
import { i32 } from '../messages/frame';
import type { AuthContext } from '../messages/message-frontend';

/** Bytes of a message before its fields. */
const TYPE_AND_LENGTH = 5;

/** Messages that a client may send to a session (`SocketBackend`). */
const COMMANDS = 'QPBEFCDHSXdcf';

export function isCommand(type: number): boolean {
  return COMMANDS.includes(String.fromCharCode(type));
}

/** What the backend says of a password or SASL message whose fields are not as they have to be. */
export function brokenMessage(message: Uint8Array, context: AuthContext): string {
  if (context === 'password') return 'invalid password packet size';
  const end = message.indexOf(0, TYPE_AND_LENGTH);
  if (end < 0) return 'invalid string in message';
  const length = message.length >= end + 5 ? i32(message, end + 1) : 0;
  return length > message.length - end - 5 ? 'insufficient data left in message' : 'invalid message format';
}

/** What `ProcessStartupPacket` says of a protocol that it does not speak. */
export function unsupportedVersion(version: ProtocolVersion, newest: ProtocolVersion): string {
  const supports = `server supports 3.0 to ${versionText(newest)}`;
  return `unsupported frontend protocol ${versionText(version)}: ${supports}`;
}
