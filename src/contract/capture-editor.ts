import * as v from 'valibot';
import type { Direction } from './envelope';
import { captureSummarySchema, causeSummarySchema, traceSchema } from './trace-schema';
import {
  countSchema,
  pageParamsSchema,
  problemSchema,
  progressSchema,
  recordingStateSchema,
  saveFormSchema,
  stepBytesParamsSchema,
  stepBytesSchema,
  traceIdSchema,
  tracePageSchema,
} from './values';

/**
 * The channel between the extension host and the capture editor's webview.
 *
 * The webview says `ready`; the host answers with `init`, then `progress` while the language server reads, `traces` whenever
 * more are known, and ends with `finished` or `failed`. After a reload it starts again from `init`. While a capture is being recorded
 * there is `recording` besides.
 */

/** What the webview keeps across reloads; the host gives it back in `init`. Nothing else lasts in a webview. */
export const captureViewStateSchema = v.object({
  traceId: v.nullable(traceIdSchema),
  step: v.nullable(countSchema),
  /** Text of the list's filter. */
  filter: v.pipe(v.string(), v.maxLength(500)),
  /** Fraction of the width or height given to the list, the steps and the details: the webview's own sizes. */
  layout: v.pipe(v.array(v.pipe(v.number(), v.minValue(0), v.maxValue(1))), v.maxLength(8)),
});
export type CaptureViewState = v.InferOutput<typeof captureViewStateSchema>;

export const captureToHost = {
  requests: {
    page: { params: pageParamsSchema, result: tracePageSchema },
    /** One trace with its steps; `null` when the id is not known (any more). */
    trace: {
      params: v.object({ id: traceIdSchema, reveal: v.boolean() }),
      result: v.object({ trace: v.nullable(traceSchema) }),
    },
    bytes: { params: stepBytesParamsSchema, result: stepBytesSchema },
    /** Asks the user, in a dialog of VS Code, whether secrets may be shown in this editor. */
    reveal: { params: v.object({}), result: v.object({ revealed: v.boolean() }) },
  },
  notifications: {
    ready: v.object({}),
    /** Stop reading; what was found stays. */
    cancel: v.object({}),
    /** Read the file again, after a cancellation, an error or a change on disk. */
    reload: v.object({}),
    select: v.object({ id: v.nullable(traceIdSchema), step: v.nullable(countSchema) }),
    persist: captureViewStateSchema,
    /** Open the annotated text, at a trace or step when one is given. */
    openText: v.object({ id: v.nullable(traceIdSchema), step: v.nullable(countSchema) }),
    /** Show the trace in the state panel. */
    showStates: v.object({ id: traceIdSchema }),
    /** End the recording that is shown. */
    stop: v.object({}),
    /** Save the recording; the user is asked in which form where that is null. */
    save: v.object({ form: v.nullable(saveFormSchema) }),
    copy: v.object({ text: v.pipe(v.string(), v.maxLength(1_000_000)) }),
  },
} satisfies Direction;

export const captureToWebview = {
  requests: {},
  notifications: {
    init: v.object({
      /** Base name of the file, for the heading. */
      file: v.string(),
      state: v.nullable(captureViewStateSchema),
      /** The user already allowed secrets in this editor. */
      revealed: v.boolean(),
      /** A recording that was not saved: it goes when the editor is closed. */
      unsaved: v.boolean(),
    }),
    /** It is being recorded: this is how far. `finished` or `failed` says that it is over. */
    recording: recordingStateSchema,
    /** The recording was saved, to a file of this name. */
    saved: v.object({ file: v.string() }),
    progress: progressSchema,
    /** More traces are known: ask for the pages that are in view. */
    traces: v.object({ total: countSchema }),
    /** The whole file was read, or reading was cancelled: then `capture` is null, for nobody knows the whole. */
    finished: v.object({
      capture: v.nullable(captureSummarySchema),
      /** Causes by server, the gravest first. */
      summary: v.array(causeSummarySchema),
      total: countSchema,
      cancelled: v.boolean(),
    }),
    failed: problemSchema,
    /** The file changed on disk or is gone; what is shown is what was read. */
    stale: problemSchema,
    /** Select this from outside: a problem or a symbol was clicked. */
    focus: v.object({ id: traceIdSchema, step: v.nullable(countSchema) }),
  },
} satisfies Direction;

export type CaptureToHost = typeof captureToHost;
export type CaptureToWebview = typeof captureToWebview;
