import * as v from 'valibot';
import type { Direction } from './envelope';
import { protocolSchema, stateGraphSchema, stepSchema, traceSchema } from './trace-schema';
import {
  countSchema,
  hostSummarySchema,
  problemSchema,
  stepBytesParamsSchema,
  stepBytesSchema,
} from './values';

/**
 * The channel between the extension host and the state panel's webview.
 *
 * The webview says `ready`; the host answers with `hosts` and, when there is one, `show`. A run sends `running`, then `step` for
 * each step as it happens, and `show` with the whole trace when it is over. One run can hold several traces (a retry): `show`
 * has them all, in order.
 */
export const stateViewStateSchema = v.object({
  /** Index into the traces that are shown. */
  attempt: countSchema,
  step: v.nullable(countSchema),
  role: v.picklist(['client', 'server']),
  zoom: v.pipe(v.number(), v.minValue(0.05), v.maxValue(10)),
});
export type StateViewState = v.InferOutput<typeof stateViewStateSchema>;

export const stateToHost = {
  requests: {
    /** Bytes of a step of a shown trace; `id` is its `Trace.id`. */
    bytes: { params: stepBytesParamsSchema, result: stepBytesSchema },
    reveal: { params: v.object({}), result: v.object({ revealed: v.boolean() }) },
  },
  notifications: {
    ready: v.object({}),
    runAgain: v.object({ hostId: v.pipe(v.string(), v.maxLength(300)) }),
    cancelRun: v.object({}),
    select: v.object({ id: v.pipe(v.string(), v.maxLength(64)), step: v.nullable(countSchema) }),
    persist: stateViewStateSchema,
    /** Open the trace's annotated text. */
    openText: v.object({}),
    copy: v.object({ text: v.pipe(v.string(), v.maxLength(100_000)) }),
    /** Open the setting that lists the hosts. */
    configureHosts: v.object({}),
  },
} satisfies Direction;

export const stateToWebview = {
  requests: {},
  notifications: {
    show: v.object({
      /** Where it comes from: a host's name or a capture's base name. */
      origin: v.string(),
      /** The host that was tested; null for a capture. */
      hostId: v.nullable(v.string()),
      traces: v.pipe(v.array(traceSchema), v.minLength(1)),
      graph: stateGraphSchema,
      state: v.nullable(stateViewStateSchema),
      revealed: v.boolean(),
    }),
    hosts: v.object({ hosts: v.array(hostSummarySchema) }),
    /** A run began: clear the path. */
    running: v.object({
      hostId: v.string(),
      name: v.string(),
      protocol: protocolSchema,
      graph: stateGraphSchema,
    }),
    /** One step of the run in progress; `attempt` counts connections from 0. */
    step: v.object({ attempt: countSchema, step: stepSchema }),
    /** The run ended without a trace. */
    failed: problemSchema,
    /** Scroll to and mark this step of this trace. */
    focus: v.object({ id: v.string(), step: v.nullable(countSchema) }),
  },
} satisfies Direction;

export type StateToHost = typeof stateToHost;
export type StateToWebview = typeof stateToWebview;
