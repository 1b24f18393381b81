/** A capture as a list: one line for each connection. */
import { utf8Bytes } from '../base/bytes';
import type { LineText } from '../base/shown/outlets';
import { TextBuilder } from '../base/text-builder';
import { isKnownCause } from './diagnosis-words';
import { firstFrame, lastFrame } from './lazy-step';
import type { CaptureSummary, CauseSummary, Endpoint, Trace } from './model';
import { oneLine, protocolName, renderDocument } from './text';

/** Widths of the columns that have usual ones; a longer value only moves what follows. */
const WIDTH = { id: 7, frames: 15, ends: 42, protocol: 10, outcome: 10, millis: 10 } as const;

/** What stands between two columns. */
const GAP = '  ';
const ARROW = utf8Bytes(' → ');
const TO = utf8Bytes('–#');
const NEWLINE = utf8Bytes('\n');

/** A builder for lines of text from the wire. */
export function lineBuilder(): TextBuilder {
  return new TextBuilder(oneLine);
}

/**
 * One line: id, start, frames, both ends, protocol, outcome, duration, who, TLS, and what came of it; then the code of the cause where
 * something is wrong, and those of the findings that are errors or warnings. Holds no secret, and is made without reading a step's message.
 */
export function putTraceLine(line: TextBuilder, trace: Trace): void {
  const { durationMs, retryOf, findings } = trace;
  putColumn(line, trace.id, WIDTH.id);
  line.put(trace.startTime).put(GAP);
  const frames = line.width;
  putSpan(line, trace);
  line.padTo(frames + WIDTH.frames).put(GAP);
  const ends = line.width;
  putEndpoint(line, trace.client);
  line.putBytes(ARROW);
  putEndpoint(line, trace.server);
  line.padTo(ends + WIDTH.ends).put(GAP);
  putColumn(line, protocolName(trace.protocol), WIDTH.protocol);
  putColumn(line, trace.outcome, WIDTH.outcome);
  const millis = durationMs.toFixed(1);
  line
    .padTo(line.width + WIDTH.millis - millis.length)
    .put(millis)
    .put(' ms')
    .put(GAP);
  putWho(line, trace);
  putTls(line, trace);
  line.put(trace.verdict);
  if (isKnownCause(trace.diagnosis)) line.put(GAP).put(trace.diagnosis.code);
  let codes = 0;
  for (const { severity, code } of findings) {
    if (severity !== 'error' && severity !== 'warning') continue;
    line.put(codes++ === 0 ? '  [' : ', ').put(code);
  }
  if (codes > 0) line.put(']');
  if (retryOf) line.put(GAP).put('(retry of ').put(retryOf).put(')');
  line.putBytes(NEWLINE);
}

/** The last lines: what was read, what was wrong with it, and the causes by server. */
export function listEnd(
  capture: CaptureSummary,
  handshakes: number,
  summary?: readonly CauseSummary[],
): LineText {
  return renderDocument({ version: 2, capture, summary, traces: [] }, handshakes).text;
}

function putColumn(line: TextBuilder, text: string, width: number): void {
  const from = line.width;
  line
    .put(text)
    .padTo(from + width)
    .put(GAP);
}

/** As `endpointText`. */
function putEndpoint(line: TextBuilder, { address, port }: Endpoint): void {
  if (address.includes(':')) line.put('[').put(address).put(']');
  else line.put(address);
  line.put(':').putNumber(port);
}

/** `#12–#40`: the frames from the connection's first to its last. */
function putSpan(line: TextBuilder, { steps }: Trace): void {
  let first = 0;
  let last = 0;
  for (const step of steps) {
    const from = firstFrame(step);
    if (from === 0) continue;
    if (first === 0) first = from;
    last = Math.max(last, lastFrame(step));
  }
  if (first === 0) return;
  line.put('#').putNumber(first);
  if (last !== first) line.putBytes(TO).putNumber(last);
}

function putWho(line: TextBuilder, { auth: { user, database, mechanism } }: Trace): void {
  line.put(user ?? '-');
  if (user !== null && database !== null) line.put('@').put(database);
  line
    .put(' ')
    .put(mechanism ?? '-')
    .put(GAP);
}

function putTls(line: TextBuilder, { tls }: Trace): void {
  if (tls) {
    line
      .put(tls.version ?? 'TLS')
      .put(' ')
      .put(tls.cipher ?? '-');
    if (tls.sni !== null) line.put(' for ').put(tls.sni);
  } else {
    line.put('no TLS');
  }
  line.put(GAP);
}
