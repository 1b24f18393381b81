import { basename } from 'node:path';
import { summaryOf } from '../diagnosis/summary';
import { Inspector } from '../inspect/inspector';
import type { DecodeAs } from '../inspect/known-servers';
import type { KeyLog } from '../tls/keylog';
import type { CaptureSummary, Trace, TraceDocument } from '../trace/model';
import { shownPath } from './path-bytes';
import { type Progress, pumpCapture } from './pump-capture';
import { PlacesSink, type TracePlaces } from './trace-places';

export interface ReadCaptureOptions {
  /** TLS secrets besides those that the capture itself carries. */
  readonly keyLog?: KeyLog;
  readonly signal?: AbortSignal;
  /** Called as soon as a handshake is over, in order of their ends. */
  readonly onTrace?: (trace: Trace, key: number) => void;
  /**
   * Called with every trace in order of start, final, as soon as that is known. The document then holds no traces, and memory does not
   * grow with them.
   */
  readonly onOrderedTrace?: (trace: Trace) => void;
  /** What is spoken on ports of servers, on the user's word. */
  readonly decodeAs?: DecodeAs;
  /** Most traces that are kept, see `InspectorOptions.mostKept`. */
  readonly mostKept?: number;
  /** Nobody will read what the steps say, see `InspectorOptions.outline`. */
  readonly outline?: boolean;
  /** Waited for after each piece of the file, and between the traces that are over only with the file: slows reading down to what the receiver of the traces can take. */
  readonly drain?: () => Promise<void> | undefined;
  /** Nobody else needs this thread while the file is read. */
  readonly blocking?: boolean;
  readonly onProgress?: (progress: Progress) => void;
  /** Keep the bytes of every step of the traces with these keys (see `CaptureResult.keys` of an earlier reading). */
  readonly keepDataOf?: ReadonlySet<number>;
  /** Filled with what it takes to read a trace's packets again alone, see {@link readTraceData}. */
  readonly places?: TracePlaces;
  /** Most that a compressed file is unpacked to, megabytes. */
  readonly unpackedMegabytes?: number;
  /** Stop soon after this frame: all that is wanted came before. What lies behind is neither read nor checked. */
  readonly untilFrame?: number;
  /** Name to show instead of the path's last part. */
  readonly name?: string;
}

export interface CaptureResult {
  readonly document: TraceDocument & { readonly capture: CaptureSummary };
  /** The file could not be read to its end as a capture: what is here is what was readable. */
  readonly damaged: boolean;
  /** The key of each trace by id: the same in every reading of the same file. */
  readonly keys: ReadonlyMap<string, number>;
  /** Bytes of the steps, by key and step index, for the traces asked for. */
  readonly data: ReadonlyMap<number, readonly (Uint8Array | undefined)[]>;
}

/**
 * Reads a capture file from disk, compressed (gzip, zstd, lz4) or not, and gives its handshakes. The file is streamed: memory follows the number
 * of handshakes, not the size of the file.
 *
 * @throws {CaptureFileError} when there is nothing to show: no such file, not a capture, empty.
 */
export async function readCapture(path: string, options: ReadCaptureOptions = {}): Promise<CaptureResult> {
  const { keyLog, onTrace, onOrderedTrace, outline, keepDataOf, places, decodeAs, mostKept } = options;
  const framesOf = places?.frames;
  const inspector = new Inspector({
    keyLog,
    onTrace,
    onOrderedTrace,
    outline,
    keepDataOf,
    framesOf,
    decodeAs,
    mostKept,
  });
  const sink = places ? new PlacesSink(inspector, places) : inspector;
  const { reader, format, damaged } = await pumpCapture(path, sink, {
    ...options,
    afterChunk: options.drain,
  });
  // A capture may end with a million connections open: their traces too go out no faster than they are taken.
  while (inspector.endSome()) {
    options.signal?.throwIfAborted();
    const full = options.drain?.();
    if (full) await full;
  }
  const traces = inspector.finish();
  const notes = [...reader.notes, ...inspector.notes];
  const capture: CaptureSummary = {
    file: options.name ?? shownPath(basename(path)),
    format,
    packets: reader.packets,
    bytes: reader.bytes,
    linkTypes: [...reader.linkTypes],
    // The reader tells its issues to the inspector too, in their place among the inspector's own.
    issues: [...inspector.issues],
    ...(notes.length > 0 ? { notes } : {}),
  };
  return {
    document: { version: 2, capture, summary: summaryOf(traces), traces },
    damaged,
    keys: inspector.keys,
    data: inspector.data,
  };
}
