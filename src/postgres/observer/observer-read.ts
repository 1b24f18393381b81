import { utf8 } from '../../base/bytes';
import type { LazyWords, StepWords } from '../../trace/lazy-step';
import { parseBackend } from '../messages/message-backend';
import { type AuthContext, parseFrontend, parseStartupPacket } from '../messages/message-frontend';
import type { BackendMessage, DecodedMessage, FrontendMessage } from '../messages/message-types';
import { backendSummary, frontendSummary } from './summaries';

/** A message, read without fields. */
export interface ReadMessage {
  /** The manual's name, also for a message that is broken. */
  readonly name: string;
  /** What it says to the connection: null for nothing, or when it is broken. */
  readonly value: FrontendMessage | BackendMessage | null;
  /** Why it is broken, if it is. */
  readonly problem: string | null;
  /** Reads it again with fields. */
  readonly words: LazyWords | string;
}

/** Words of a message that nobody will ask for. */
const NO_WORDS = '';

/**
 * A message of the client.
 *
 * @param frame exactly one; its words keep it.
 * @param context tells what a `p` is; null when it has to be guessed from its content.
 * @param outline without words.
 */
export function readFrontend(frame: Uint8Array, context: AuthContext | null, outline: boolean): ReadMessage {
  const known = context ?? guessContext(frame);
  return asRead(parseFrontend(frame, known, true), outline ? NO_WORDS : new FrontendWords(frame, known));
}

/** A message without a type byte, as {@link readFrontend}. */
export function readStartup(frame: Uint8Array, outline: boolean): ReadMessage {
  return asRead(parseStartupPacket(frame, true), outline ? NO_WORDS : new FrontendWords(frame, 'startup'));
}

/** A message of the server, as {@link readFrontend}. */
export function readBackend(frame: Uint8Array, outline: boolean): ReadMessage {
  return asRead(parseBackend(frame, true), outline ? NO_WORDS : new BackendWords(frame));
}

/** The words of a message of the server that need not be read, see `silentName`. */
export function backendWords(frame: Uint8Array): LazyWords {
  return new BackendWords(frame);
}

function asRead(
  { value, title, issues }: DecodedMessage<FrontendMessage | BackendMessage>,
  words: LazyWords | string,
): ReadMessage {
  const name = value === null || value.name === 'Other' ? title : value.name;
  return { name, value, problem: value === null ? (issues[0]?.message ?? name) : null, words };
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
