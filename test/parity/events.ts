import type { Recording } from '../../src/inspect/recording';
import { traceRecordings } from '../../src/inspect/trace-recording';
import type { Step, Trace } from '../../src/trace/model';
import type { Recorder } from './proxy';

/** What one client did in one combination, as the recorders before the servers saw it. */
export interface Observation {
  readonly outcome: 'ready' | 'failed';
  /** One line for each event, connections in order. */
  readonly events: readonly string[];
  /** What the client said at its end. */
  readonly message: string;
  /** Something inside TLS could not be read, for want of the secrets. */
  readonly closed: boolean;
}

/** The events behind `recorders`; `keyLog` holds the client's TLS secrets. */
export function eventsOf(
  recorders: readonly Recorder[],
  keyLog: string,
): { events: string[]; closed: boolean } {
  const seen = recorders
    .flatMap(({ label, seen }) => seen.map(({ order, recorder }) => ({ label, order, recorder })))
    .sort((a, b) => a.order - b.order);
  const recordings = seen.map(({ recorder }): Recording => ({ ...recorder.recording(), keyLog }));
  const traces = traceRecordings(recordings).map((entry) => entry.trace);
  const events = traces.flatMap((trace, index) => [
    `connects to ${seen[index].label}`,
    ...eventsOfTrace(trace),
  ]);
  return { events, closed: traces.some((trace) => trace.outcome === 'encrypted') };
}

function eventsOfTrace(trace: Trace): string[] {
  const events: string[] = [];
  for (const step of trace.steps) {
    const line = eventOf(step, trace);
    // How many parameters a server reports is not the client's doing.
    if (line === undefined || line === events.at(-1)) continue;
    // In TLS 1.3 a server refuses a client's certificate while the client's first message is on its way.
    const crossed = line.startsWith('client StartupMessage') && events.at(-1)?.startsWith('server Alert');
    events.splice(crossed ? events.length - 1 : events.length, 0, line);
  }
  return events;
}

function eventOf(step: Step, trace: Trace): string | undefined {
  const { from, layer, message, summary } = step;
  if (message === 'TLS established') return `TLS established (${trace.tls?.version})`;
  if (layer === 'tls') {
    if (message === 'Alert' && summary.startsWith('fatal')) return `${from} Alert ${summary}`;
    return message === 'ApplicationData' ? 'not decrypted' : undefined;
  }
  if (layer !== 'postgres') return undefined;
  switch (message) {
    case 'StartupMessage':
    case 'AuthenticationSASL':
    case 'SASLInitialResponse':
    case 'NegotiateProtocolVersion':
      return `${from} ${message}: ${summary}${bindingFlag(step)}`;
    case 'ErrorResponse':
      return `${from} ErrorResponse ${/^\S+ (\w{5})/.exec(summary)?.[1] ?? ''}`;
    default:
      return `${from} ${message}`;
  }
}

/** What the client says of channel binding in its first SCRAM message (RFC 5802 section 7, gs2-cbind-flag). */
function bindingFlag(step: Step): string {
  const flat = step.fields.flatMap((field) => [field, ...(field.fields ?? [])]);
  const flag = flat.find((field) => /gs2|binding/i.test(field.name));
  return flag ? ` (${flag.value})` : '';
}
