import * as v from 'valibot';
import {
  authOutcomeSchema,
  endpointSchema,
  outcomeSchema,
  protocolSchema,
  severitySchema,
  sourceSchema,
} from './trace-schema';

/** Values that more than one channel carries. */

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const countSchema = count;

/** Rows that one page may ask for. */
export const MAX_PAGE = 500;
export const pageParamsSchema = v.object({
  /** First row wanted, from 0. */
  offset: count,
  limit: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(MAX_PAGE)),
});

/** An id as `Trace.id` has it. */
export const traceIdSchema = v.pipe(v.string(), v.maxLength(64));

/** One handshake in a list: what the row shows, without its steps. */
const traceRowSchema = v.object({
  id: v.string(),
  source: sourceSchema,
  protocol: protocolSchema,
  client: endpointSchema,
  server: endpointSchema,
  startTime: v.string(),
  durationMs: v.number(),
  retryOf: v.nullable(v.string()),
  outcome: outcomeSchema,
  authOutcome: authOutcomeSchema,
  mechanism: v.nullable(v.string()),
  /** `TlsSummary.version`, or `TLS` before the version is known; null in plain text. */
  tls: v.optional(v.nullable(v.string())),
  user: v.nullable(v.string()),
  verdict: v.string(),
  /** Code of the cause. */
  cause: v.optional(v.string()),
  steps: count,
  /** First and last frame of the handshake; 0 when nothing was captured. */
  firstFrame: count,
  lastFrame: count,
  findings: count,
  /** The worst finding's severity; null without findings. */
  worst: v.nullable(severitySchema),
});
export type TraceRow = v.InferOutput<typeof traceRowSchema>;

export const tracePageSchema = v.object({
  rows: v.array(traceRowSchema),
  /** Traces known so far; grows until `complete`. */
  total: count,
  complete: v.boolean(),
});
export type TracePage = v.InferOutput<typeof tracePageSchema>;

/** The bytes of one step, as lower-case hex. Secret ranges are zero unless they were revealed. */
export const stepBytesSchema = v.object({
  hex: v.string(),
  /** Length of the message; larger than what `hex` holds when the bytes were cut. */
  total: count,
  /** Ranges of `hex` that were masked, in bytes. */
  masked: v.array(v.object({ offset: count, length: count })),
  /** Why there are no bytes, or fewer than `total`; null when all are there. */
  note: v.nullable(v.string()),
});
export type StepBytes = v.InferOutput<typeof stepBytesSchema>;

export const stepBytesParamsSchema = v.object({ id: traceIdSchema, step: count, reveal: v.boolean() });

/** Something that went wrong, in words for a person. */
export const problemSchema = v.object({
  code: v.string(),
  message: v.string(),
  /** The next thing to try. */
  next: v.string(),
});
export type Problem = v.InferOutput<typeof problemSchema>;

export const progressSchema = v.object({
  /** Bytes of the file read so far, as stored (compressed when it is). */
  bytes: count,
  totalBytes: count,
  packets: count,
  traces: count,
});
export type Progress = v.InferOutput<typeof progressSchema>;

/** Why nothing is recorded; `command` is the one command line that changes it, to be shown and copied, never run. */
export const recordProblemSchema = v.object({ ...problemSchema.entries, command: v.nullable(v.string()) });
export type RecordProblem = v.InferOutput<typeof recordProblemSchema>;

/** A network interface to record. */
export const networkInterfaceSchema = v.object({
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(256)),
  /** What people call it, if that is something else than its name. */
  title: v.nullable(v.string()),
  addresses: v.array(v.string()),
  loopback: v.boolean(),
  /** Stands for all interfaces of the machine. */
  all: v.boolean(),
});
export type NetworkInterface = v.InferOutput<typeof networkInterfaceSchema>;

/**
 * What of a recording is saved: the packets of its handshakes with the TLS secrets that are known, the same without passwords and names, or
 * all of it as it was recorded.
 */
export const saveFormSchema = v.picklist(['handshakes', 'redacted', 'everything']);
export type SaveForm = v.InferOutput<typeof saveFormSchema>;

/** How far a recording is. */
export const recordingStateSchema = v.object({
  interface: v.string(),
  /** As `portsText` gives them. */
  ports: v.string(),
  /** Name of the program that records. */
  program: v.string(),
  elapsedMs: count,
  packets: count,
  bytes: count,
  traces: count,
  /** Handshakes that have begun and are not over, among them any that hangs. */
  open: count,
  /** Where it ends by itself. */
  maxBytes: count,
  maxMs: count,
});
export type RecordingState = v.InferOutput<typeof recordingStateSchema>;

/** A host that a test can run against. */
export const hostSummarySchema = v.object({
  /** Stable while the host is configured; `lab:postgres` and `lab:mongodb` for the lab. */
  id: v.string(),
  name: v.string(),
  protocol: protocolSchema,
  /** `host:port`, as it is shown. */
  address: v.string(),
  kind: v.picklist(['configured', 'lab', 'typed']),
  /** Result of the last test in this session. */
  last: v.nullable(v.object({ outcome: outcomeSchema, verdict: v.string() })),
});
export type HostSummary = v.InferOutput<typeof hostSummarySchema>;
