import type { Mark } from '../../../src/base/mark';
import { TraceBuilder } from '../../../src/trace/builder';
import type { Field, From, Layer, Protocol, Source, Trace } from '../../../src/trace/model';

/** One step, as the samples write it. */
export interface Line {
  readonly at: number;
  readonly from: From;
  readonly layer: Layer;
  readonly message: string;
  readonly summary: string;
  readonly client: string;
  readonly server: string;
  readonly bytes?: number;
  readonly fields?: readonly Field[];
  readonly encrypted?: boolean;
  readonly internal?: boolean;
}

/** When the samples begin, in seconds since 1970. */
export const START = 1_780_000_000;

function mark(millis: number, frame: number): Mark {
  return { frame, seconds: START + Math.floor(millis / 1000), nanos: Math.round((millis % 1000) * 1e6) };
}

/** Builds a trace from lines; frames are numbered for a capture and left out for a live run. */
export function sample(
  id: string,
  source: Source,
  protocol: Protocol,
  lines: readonly Line[],
  fill: (builder: TraceBuilder) => void,
  clientPort = 50_312,
): Trace {
  const port = protocol === 'postgres' ? 5432 : 27_017;
  const client = { address: '10.20.0.14', port: clientPort };
  const builder = new TraceBuilder(source, protocol, client, { address: '10.20.0.7', port });
  let frame = 3;
  for (const line of lines) {
    if (line.from !== 'local') frame++;
    const { at, client: clientState, server: serverState, ...rest } = line;
    builder.step({ ...rest, mark: mark(at, source === 'capture' ? frame : 0), clientState, serverState });
  }
  fill(builder);
  return builder.finish(id);
}

export const step = (
  at: number,
  from: From,
  layer: Layer,
  message: string,
  summary: string,
  client: string,
  server: string,
  extra: Partial<Line> = {},
): Line => ({ at, from, layer, message, summary, client, server, bytes: 8, ...extra });
