import * as v from 'valibot';

/**
 * How a message travels between the extension host and a webview. `postMessage` gives no addressing, no answer and no order
 * across reloads, so each message says what it is; the payload is checked against its method's schema afterwards.
 */
export const envelopeSchema = v.variant('kind', [
  v.object({
    kind: v.literal('request'),
    id: v.pipe(v.number(), v.safeInteger()),
    method: v.string(),
    params: v.unknown(),
  }),
  v.object({ kind: v.literal('cancel'), id: v.pipe(v.number(), v.safeInteger()) }),
  v.object({ kind: v.literal('result'), id: v.pipe(v.number(), v.safeInteger()), result: v.unknown() }),
  v.object({
    kind: v.literal('error'),
    id: v.pipe(v.number(), v.safeInteger()),
    code: v.string(),
    message: v.string(),
  }),
  v.object({ kind: v.literal('notification'), method: v.string(), params: v.unknown() }),
]);

export type Envelope = v.InferOutput<typeof envelopeSchema>;

/** The shape of one request: what is asked and what is answered. */
export interface RequestShape {
  readonly params: v.GenericSchema;
  readonly result: v.GenericSchema;
}

/** What one side may be sent: requests it answers and notifications it takes. */
export interface Direction {
  readonly requests: Readonly<Record<string, RequestShape>>;
  readonly notifications: Readonly<Record<string, v.GenericSchema>>;
}

export type ParamsOf<D extends Direction, M extends keyof D['requests']> = v.InferOutput<
  D['requests'][M]['params']
>;
export type ResultOf<D extends Direction, M extends keyof D['requests']> = v.InferOutput<
  D['requests'][M]['result']
>;
export type NotificationOf<D extends Direction, M extends keyof D['notifications']> = v.InferOutput<
  D['notifications'][M]
>;
