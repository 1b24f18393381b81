/** The JSON form of version 1, `media/trace-v1.schema.json`: what version 2 says without its causes. */
import type { Trace } from './model';

/** A trace of version 1. */
export type TraceV1 = Omit<Trace, 'diagnosis'>;

/** @returns the trace as version 1 has it; its own objects are shared. */
export function traceV1(trace: Trace): TraceV1 {
  const { diagnosis: _diagnosis, ...rest } = trace;
  return rest;
}
