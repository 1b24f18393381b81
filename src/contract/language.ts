import * as v from 'valibot';
import type { LineText } from '../base/shown/outlets';
import { MAX_PORTS_LENGTH } from './ports';
import { captureSummarySchema, causeSummarySchema, traceSchema } from './trace-schema';
import {
  countSchema,
  networkInterfaceSchema,
  pageParamsSchema,
  problemSchema,
  progressSchema,
  recordingStateSchema,
  recordProblemSchema,
  saveFormSchema,
  stepBytesParamsSchema,
  stepBytesSchema,
  traceIdSchema,
  tracePageSchema,
} from './values';

/** Requests and notifications that the language server adds to the Language Server Protocol. Names begin with `handshake/`. */

/** What the server's gate made: the editor shows it as it comes. */
const lineText = v.custom<LineText>((text) => typeof text === 'string');

const uri = v.pipe(v.string(), v.maxLength(8_000));

/** What is spoken on ports of servers, `10255=mongodb`, as the user wrote it; absent: as it was. */
const decodeAs = v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(100))), v.maxLength(1_000)));

/** Client to server, answered. */
export const languageRequests = {
  /** Begins (or joins) the session of a capture and returns at once; news come as notifications. */
  'handshake/open': {
    params: v.object({
      uri,
      keyLogFile: v.nullable(v.string()),
      /** Most that a compressed capture is unpacked to; absent: as the server thinks right. */
      unpackedMegabytes: v.optional(v.pipe(v.number(), v.minValue(1))),
      decodeAs,
    }),
    result: v.object({ state: v.picklist(['reading', 'finished', 'failed', 'cancelled']) }),
  },
  'handshake/page': {
    params: v.object({ uri, ...pageParamsSchema.entries }),
    result: tracePageSchema,
  },
  'handshake/trace': {
    params: v.object({ uri, id: traceIdSchema, reveal: v.boolean() }),
    result: v.object({ trace: v.nullable(traceSchema) }),
  },
  'handshake/bytes': {
    params: v.object({ uri, ...stepBytesParamsSchema.entries }),
    result: stepBytesSchema,
  },
  /** The annotated text; waits for the session to finish. `lines` are the 0-based lines where traces and steps begin. */
  'handshake/text': {
    params: v.object({ uri }),
    result: v.object({
      text: lineText,
      lines: v.array(v.object({ line: countSchema, id: traceIdSchema, step: v.nullable(countSchema) })),
      /** As in `handshake/finished`. */
      renamed: v.record(v.string(), v.string()),
    }),
  },
  /** The interfaces of the server's machine, as they are offered; none and a problem where nothing can be recorded. */
  'handshake/interfaces': {
    params: v.object({}),
    result: v.object({
      interfaces: v.array(networkInterfaceSchema),
      problem: v.nullable(recordProblemSchema),
    }),
  },
  /**
   * Begins to record into the file `uri`, which must not exist yet, and holds its session as an `open` does. Answers once the program
   * captures, or with the problem; then nothing is held.
   */
  'handshake/record': {
    params: v.object({
      uri,
      interface: v.pipe(v.string(), v.minLength(1), v.maxLength(256)),
      /** As a person writes them, see `parsePorts`. */
      ports: v.pipe(v.string(), v.maxLength(MAX_PORTS_LENGTH)),
      maxBytes: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
      maxMs: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(0x7fff_ffff)),
      keyLogFile: v.nullable(v.string()),
      decodeAs,
    }),
    result: v.object({ problem: v.nullable(recordProblemSchema) }),
  },
  /** Copies a capture that is open in one of the forms; all but `everything` are pcapng. */
  'handshake/save': {
    params: v.object({
      uri,
      target: v.pipe(v.string(), v.minLength(1), v.maxLength(8_000)),
      form: saveFormSchema,
      /** The one handshake to save, which needs a capture read to its end; null saves all. `everything` has no such choice. */
      id: v.nullable(traceIdSchema),
    }),
    result: v.object({
      /** Packets written; null when the file was copied. */
      packets: v.nullable(countSchema),
    }),
  },
} as const;
export type LanguageRequests = typeof languageRequests;
export type LanguageMethod = keyof LanguageRequests;
export type LanguageParams<M extends LanguageMethod> = v.InferOutput<LanguageRequests[M]['params']>;
export type LanguageResult<M extends LanguageMethod> = v.InferOutput<LanguageRequests[M]['result']>;

/** Client to server, not answered. */
export const languageCommands = {
  'handshake/cancel': v.object({ uri }),
  /** One `open` less; the session ends when nobody holds it. */
  'handshake/close': v.object({ uri }),
  /** Read the file again. */
  'handshake/reload': v.object({ uri }),
  /** End the recording; what was recorded is then read as any capture. */
  'handshake/stop': v.object({ uri }),
} as const;
export type LanguageCommand = keyof typeof languageCommands;

/** Server to client. */
export const languageNews = {
  'handshake/progress': v.object({ uri, ...progressSchema.entries }),
  'handshake/finished': v.object({
    uri,
    capture: v.nullable(captureSummarySchema),
    /** Causes by server, the gravest first. */
    summary: v.array(causeSummarySchema),
    total: countSchema,
    cancelled: v.boolean(),
    /** Rows that were given out while reading are out of date: ask for them again. */
    revised: v.boolean(),
    /** Final ids of traces that had another one while reading. */
    renamed: v.record(v.string(), v.string()),
  }),
  'handshake/failed': v.object({ uri, ...problemSchema.entries }),
  /** While a recording runs, twice a second and when something came. `finished` or `failed` says that it is over. */
  'handshake/recording': v.object({ uri, ...recordingStateSchema.entries }),
  /** The file changed or is gone since it was read. */
  'handshake/stale': v.object({ uri, ...problemSchema.entries }),
} as const;
export type LanguageNews = keyof typeof languageNews;
export type NewsParams<N extends LanguageNews> = v.InferOutput<(typeof languageNews)[N]>;
