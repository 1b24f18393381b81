import { LIMITS, PROTOCOL_3_0, type ProtocolVersion, versionNumber, versionText } from '../constants';
import type { BackendMessage, FrontendMessage } from '../messages/message-types';
import type { PostgresClientOptions } from './client-options';

/** The StartupMessage in libpq's order of parameters (`build_startup_packet`). */
export function startupMessage(options: PostgresClientOptions): FrontendMessage {
  const parameters: [string, string][] = [['user', options.user]];
  const optional: readonly (readonly [string, string | undefined])[] = [
    ['database', options.database],
    ['replication', options.replication],
    ['options', options.options],
    ['application_name', options.applicationName],
    ['client_encoding', options.clientEncoding],
  ];
  for (const [name, value] of optional) if (value) parameters.push([name, value]);
  for (const [name, value] of options.parameters ?? []) parameters.push([name, value]);
  return { name: 'StartupMessage', version: options.maxProtocolVersion ?? PROTOCOL_3_0, parameters };
}

type Negotiate = Extract<BackendMessage, { name: 'NegotiateProtocolVersion' }>;

/**
 * What is wrong with a NegotiateProtocolVersion, or null (`pqGetNegotiateProtocolVersion3`).
 * @param asked the version of our StartupMessage.
 */
export function negotiationProblem(message: Negotiate, options: PostgresClientOptions): string | null {
  const invalid = 'received invalid protocol negotiation message: server';
  const asked = options.maxProtocolVersion ?? PROTOCOL_3_0;
  const least = options.minProtocolVersion ?? PROTOCOL_3_0;
  const theirs = versionNumber(message.version);
  if (theirs > versionNumber(asked)) return `${invalid} requested downgrade to a higher-numbered version`;
  if (theirs < versionNumber(PROTOCOL_3_0))
    return `${invalid} requested downgrade to pre-3.0 protocol version`;
  if (message.version.major === 3 && message.version.minor === 1) {
    return `${invalid} requested downgrade to non-existent 3.1 protocol version`;
  }
  if (theirs === versionNumber(asked) && message.options.length === 0) {
    return `${invalid} negotiated but asks for no changes`;
  }
  if (theirs < versionNumber(least)) {
    const least3 = `"min_protocol_version" was set to ${versionText(least)}`;
    return `server only supports protocol version ${versionText(message.version)}, but ${least3}`;
  }
  for (const option of message.options) {
    if (!option.startsWith('_pq_.')) {
      return `${invalid} reported unsupported parameter name without a "_pq_." prefix ("${option}")`;
    }
    if (!options.parameters?.some(([name]) => name === option)) {
      return `${invalid} reported an unsupported parameter that was not requested ("${option}")`;
    }
  }
  return null;
}

/** What is wrong with a cancel key, or null (`getBackendKeyData`). */
export function cancelKeyProblem(key: Uint8Array, version: ProtocolVersion): string | null {
  const invalid = `received invalid BackendKeyData message: cancel key with length ${key.length}`;
  if (versionNumber(version) < versionNumber({ major: 3, minor: 2 })) {
    return key.length === 4
      ? null
      : `${invalid} not allowed in protocol version ${versionText(version)} (must be 4 bytes)`;
  }
  if (key.length < 4) return `${invalid} is too short (minimum 4 bytes)`;
  if (key.length > LIMITS.cancelKey.max)
    return `${invalid} is too long (maximum ${LIMITS.cancelKey.max} bytes)`;
  return null;
}
