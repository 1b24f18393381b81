/** The JSON form of version 1, `media/trace-v1.schema.json`: what version 2 says without its causes. */
import type { CaptureSummary, Trace, TraceDocument } from './model';

/** A trace of version 1. */
export type TraceV1 = Omit<Trace, 'diagnosis'>;

/** @returns the trace as version 1 has it; its own objects are shared. */
export function traceV1(trace: Trace): TraceV1 {
  const { diagnosis: _diagnosis, ...rest } = trace;
  return rest;
}

/** A document of version 1. */
export interface TraceDocumentV1 {
  readonly version: 1;
  readonly capture: CaptureSummary | null;
  readonly traces: readonly TraceV1[];
}

/** @returns the document as version 1 has it: no causes by server, and none of each connection. */
export function documentV1({ capture, traces }: TraceDocument): TraceDocumentV1 {
  return { version: 1, capture, traces: traces.map(traceV1) };
}
