import { utf8Bytes } from '../base/bytes';
import { type Mark, markFromMillis, millisBetween } from '../base/mark';
import { FIN, RST, SYN } from '../network/segment';
import { linkRetries } from '../postgres/diagnose/link';
import { KeyLog } from '../tls/keylog';
import type { Trace } from '../trace/model';
import { Conversation } from './conversation';
import { createObserver } from './create-observer';
import { packetize } from './packetize';
import type { Recording } from './recording';

export interface TraceRecordingOptions {
  /** Keep the bytes of every step beside the trace. */
  readonly keepData?: boolean;
}

/** A trace and, when asked for, the bytes of its steps by index. */
export interface TracedRecording {
  readonly trace: Trace;
  readonly data: readonly (Uint8Array | undefined)[];
}

/**
 * The traces of recordings that belong together (the attempts of one run), with frames counted through as `recordingsToPcapng` writes
 * them, and retries linked.
 */
export function traceRecordings(
  recordings: readonly Recording[],
  options: TraceRecordingOptions = {},
): TracedRecording[] {
  let frame = 1;
  const replayed = recordings.map((recording, index) => {
    const keyLog = KeyLog.parse(utf8Bytes(recording.keyLog)).value;
    const observer = createObserver(recording.protocol, {
      source: recording.source,
      client: recording.client,
      server: recording.server,
      direct: startsWithTls(recording),
      keepData: options.keepData ?? false,
    });
    const conversation = new Conversation(observer, { keyLog, keepData: options.keepData });
    frame = replay(recording, conversation, frame);
    return { conversation, index };
  });
  // A capture of the run would end with the last packet of all.
  const captureEnd = latest(replayed.map(({ conversation }) => conversation.wire.end));
  const traced = replayed.map(({ conversation, index }) => {
    conversation.wire.captureEnd = captureEnd;
    return { trace: conversation.finish(`t${index + 1}`), data: conversation.observer.trace.data };
  });
  linkRetries(traced.map((entry) => entry.trace));
  return traced;
}

function latest(marks: readonly (Mark | null)[]): Mark | null {
  return marks.reduce(
    (last, mark) => (last === null || (mark && millisBetween(last, mark) > 0) ? mark : last),
    null,
  );
}

/** Feeds a recording to a conversation and gives the number of the next frame. */
function replay(recording: Recording, conversation: Conversation, firstFrame: number): number {
  let next = firstFrame;
  for (const spec of packetize(recording, firstFrame)) {
    if (spec.kind === 'local') {
      conversation.handleLocal(spec.event.event, markFromMillis(0, spec.time));
      continue;
    }
    next = spec.frame + 1;
    const mark = markFromMillis(spec.frame, spec.time);
    if (spec.payload.length > 0) conversation.handleBytes(spec.from, spec.payload, mark);
    else if ((spec.flags & SYN) !== 0) conversation.handleOpen(spec.from, mark);
    else if ((spec.flags & RST) !== 0) conversation.handleClose(spec.from, 'rst', mark);
    else if ((spec.flags & FIN) !== 0) conversation.handleClose(spec.from, 'fin', mark);
  }
  return next;
}

/** TLS from the first byte: the first byte the client sent is a TLS handshake record (RFC 8446 section 5.1). */
function startsWithTls(recording: Recording): boolean {
  const first = recording.events.find((event) => event.kind === 'bytes');
  return first?.kind === 'bytes' && first.from === 'client' && first.bytes[0] === 0x16;
}
