import { utf8 } from '../base/bytes';
import { LIMITS } from './constants';
import { frameTyped, typeName } from './frame';
import { isBackendType, parseBackend } from './message-backend';
import { type AuthContext, isFrontendType, parseFrontend } from './message-frontend';
import type { BackendMessage, DecodedMessage, FrontendMessage } from './message-types';
import { backendSummary, frontendSummary } from './summaries';

/** A message and who sent it. */
export type ReadMessage =
  | { readonly from: 'client'; readonly decoded: DecodedMessage<FrontendMessage> }
  | { readonly from: 'server'; readonly decoded: DecodedMessage<BackendMessage> };

/** What an observer found at the start of the unread bytes. */
export type ReadResult =
  | { readonly kind: 'more' }
  | { readonly kind: 'message'; readonly length: number; readonly message: ReadMessage }
  /** No message of the protocol starts here. */
  | { readonly kind: 'bad'; readonly why: string };

const MORE: ReadResult = { kind: 'more' };

/** A message of the client. `context` tells what a `p` is; null when it has to be guessed from its content. */
export function readFrontend(bytes: Uint8Array, context: AuthContext | null): ReadResult {
  if (!isFrontendType(bytes[0]))
    return { kind: 'bad', why: `no message of a client starts with ${typeName(bytes[0])}` };
  const framing = frameTyped(bytes, LIMITS.authToken);
  if (framing.kind === 'more') return MORE;
  if (framing.kind === 'bad') return { kind: 'bad', why: framing.issue.message };
  const frame = bytes.slice(0, framing.length);
  const decoded = parseFrontend(frame, context ?? guessContext(frame));
  return { kind: 'message', length: framing.length, message: { from: 'client', decoded } };
}

/** A message of the server. */
export function readBackend(bytes: Uint8Array): ReadResult {
  if (!isBackendType(bytes[0]))
    return { kind: 'bad', why: `no message of a server starts with ${typeName(bytes[0])}` };
  const framing = frameTyped(bytes, LIMITS.authToken);
  if (framing.kind === 'more') return MORE;
  if (framing.kind === 'bad') return { kind: 'bad', why: framing.issue.message };
  const decoded = parseBackend(bytes.slice(0, framing.length));
  return { kind: 'message', length: framing.length, message: { from: 'server', decoded } };
}

/** What a `p` without its question most likely is. */
export function guessContext(frame: Uint8Array): AuthContext {
  const text = utf8(frame.subarray(5, 64));
  if (/^(SCRAM-SHA-256|OAUTHBEARER)/.test(text)) return 'sasl-initial';
  if (/^c=[A-Za-z0-9+/=]+,r=/.test(text)) return 'sasl';
  return 'password';
}

/** The name a step gets: the manual's, also for a message that is broken. */
export function messageName(message: ReadMessage): string {
  const { value, title } = message.decoded;
  return value === null || value.name === 'Other' ? title : value.name;
}

export function messageSummary(message: ReadMessage): string {
  if (message.decoded.value === null) return message.decoded.issues[0]?.message ?? 'broken';
  return message.from === 'client'
    ? frontendSummary(message.decoded.value)
    : backendSummary(message.decoded.value);
}
