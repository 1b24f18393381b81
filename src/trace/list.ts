/** A capture as a list: one line for each connection. */
import { firstFrame, lastFrame } from './lazy-step';
import type { CaptureSummary, Trace } from './model';
import { endpointText, oneLine, protocolName, renderDocument } from './text';

/** Widths of the columns that have usual ones; a longer value only moves what follows. */
const WIDTH = { id: 7, frames: 15, ends: 42, protocol: 10, outcome: 10, millis: 10 } as const;

/**
 * One line: id, start, frames, both ends, protocol, outcome, duration, who, TLS, and what came of it; then the codes of the findings that are errors or
 * warnings. Holds no secret, and is made without reading a step's message.
 */
export function traceLine(trace: Trace): string {
  const parts = [
    trace.id.padEnd(WIDTH.id),
    trace.startTime,
    spanText(trace).padEnd(WIDTH.frames),
    `${endpointText(trace.client)} → ${endpointText(trace.server)}`.padEnd(WIDTH.ends),
    protocolName(trace.protocol).padEnd(WIDTH.protocol),
    trace.outcome.padEnd(WIDTH.outcome),
    `${trace.durationMs.toFixed(1).padStart(WIDTH.millis)} ms`,
    whoText(trace),
    tlsText(trace),
    trace.verdict,
  ];
  const codes = trace.findings.filter(({ severity }) => severity === 'error' || severity === 'warning');
  if (codes.length > 0) parts.push(`[${codes.map(({ code }) => code).join(', ')}]`);
  if (trace.retryOf) parts.push(`(retry of ${trace.retryOf})`);
  return oneLine(parts.join('  '));
}

/** The last line: what was read, and what was wrong with it. */
export function listEnd(capture: CaptureSummary, handshakes: number): string {
  return renderDocument({ version: 1, capture, traces: [] }, handshakes).text;
}

/** `#12–#40`: the frames from the connection's first to its last. */
function spanText({ steps }: Trace): string {
  let first = 0;
  let last = 0;
  for (const step of steps) {
    const from = firstFrame(step);
    if (from === 0) continue;
    if (first === 0) first = from;
    last = Math.max(last, lastFrame(step));
  }
  if (first === 0) return '';
  return last === first ? `#${first}` : `#${first}–#${last}`;
}

function whoText({ auth }: Trace): string {
  const who = auth.user === null ? '-' : auth.database === null ? auth.user : `${auth.user}@${auth.database}`;
  return `${who} ${auth.mechanism ?? '-'}`;
}

function tlsText({ tls }: Trace): string {
  if (!tls) return 'no TLS';
  const sni = tls.sni === null ? '' : ` for ${tls.sni}`;
  return `${tls.version ?? 'TLS'} ${tls.cipher ?? '-'}${sni}`;
}
