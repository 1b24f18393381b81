import { keptCopyOf } from '../../base/arena';
import { utf8 } from '../../base/bytes';
import type { LazyWords, StepWords } from '../../trace/lazy-step';
import { LIMITS } from '../constants';
import { frameTyped, typeName } from '../messages/frame';
import { isBackendType, parseBackend } from '../messages/message-backend';
import {
  type AuthContext,
  isFrontendType,
  parseFrontend,
  parseStartupPacket,
} from '../messages/message-frontend';
import type { BackendMessage, DecodedMessage, FrontendMessage } from '../messages/message-types';
import { backendSummary, frontendSummary } from './summaries';

/** A message and who sent it, read without fields; `words` reads it again with them. */
export type ReadMessage =
  | { readonly from: 'client'; readonly decoded: DecodedMessage<FrontendMessage>; readonly words: LazyWords }
  | { readonly from: 'server'; readonly decoded: DecodedMessage<BackendMessage>; readonly words: LazyWords };

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
  const frame = keptCopyOf(bytes, framing.length);
  const known = context ?? guessContext(frame);
  const decoded = parseFrontend(frame, known, true);
  const words = new FrontendWords(frame, known);
  return { kind: 'message', length: framing.length, message: { from: 'client', decoded, words } };
}

/** A message of the server. */
export function readBackend(bytes: Uint8Array): ReadResult {
  if (!isBackendType(bytes[0]))
    return { kind: 'bad', why: `no message of a server starts with ${typeName(bytes[0])}` };
  const framing = frameTyped(bytes, LIMITS.authToken);
  if (framing.kind === 'more') return MORE;
  if (framing.kind === 'bad') return { kind: 'bad', why: framing.issue.message };
  const frame = keptCopyOf(bytes, framing.length);
  const decoded = isParameterStatus(frame) ? PARAMETER_STATUS : parseBackend(frame, true);
  const words = new BackendWords(frame);
  return { kind: 'message', length: framing.length, message: { from: 'server', decoded, words } };
}

/** A good ParameterStatus, read without fields: most messages of a login are one, and none says anything to the connection. */
const PARAMETER_STATUS: DecodedMessage<BackendMessage> = {
  title: 'ParameterStatus',
  fields: [],
  value: { name: 'ParameterStatus', parameter: '', value: '' },
  issues: [],
};

/** `S`, and after the length exactly two strings. */
function isParameterStatus(frame: Uint8Array): boolean {
  if (frame[0] !== 0x53) return false;
  const end = frame.indexOf(0, 5);
  return end >= 0 && end + 1 < frame.length && frame.indexOf(0, end + 1) === frame.length - 1;
}

/** A message without a type byte: the first `length` bytes. */
export function readStartup(bytes: Uint8Array, length: number): ReadMessage {
  const frame = keptCopyOf(bytes, length);
  return {
    from: 'client',
    decoded: parseStartupPacket(frame, true),
    words: new FrontendWords(frame, 'startup'),
  };
}

class FrontendWords implements LazyWords {
  constructor(
    private readonly frame: Uint8Array,
    private readonly context: AuthContext | 'startup',
  ) {}

  words(): StepWords {
    const decoded =
      this.context === 'startup' ? parseStartupPacket(this.frame) : parseFrontend(this.frame, this.context);
    const summary = decoded.value ? frontendSummary(decoded.value) : brokenSummary(decoded);
    return { summary, fields: decoded.fields };
  }
}

class BackendWords implements LazyWords {
  constructor(private readonly frame: Uint8Array) {}

  words(): StepWords {
    const decoded = parseBackend(this.frame);
    const summary = decoded.value ? backendSummary(decoded.value) : brokenSummary(decoded);
    return { summary, fields: decoded.fields };
  }
}

function brokenSummary({ issues }: DecodedMessage<unknown>): string {
  return issues[0]?.message ?? 'broken';
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
