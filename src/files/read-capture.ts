import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { PacketSink } from '../capture/packet';
import { CaptureReader } from '../capture/reader';
import { Inspector } from '../inspect/inspector';
import type { KeyLog } from '../tls/keylog';
import type { CaptureSummary, Trace, TraceDocument } from '../trace/model';
import { decompressed, isDamagedCompression } from './decompress';
import { CaptureFileError, describeFileError } from './errors';
import { fileChunks } from './file-chunks';
import { PlacesSink, type TracePlaces } from './trace-places';

export interface Progress {
  /** Bytes of the file read so far (compressed bytes, if it is compressed). */
  readonly bytesRead: number;
  readonly bytesTotal: number;
  readonly packets: number;
}

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
  /** Nobody will read what the steps say, see `InspectorOptions.outline`. */
  readonly outline?: boolean;
  /** Waited for after each piece of the file: slows reading down to what the receiver of the traces can take. */
  readonly drain?: () => Promise<void> | undefined;
  /** Nobody else needs this thread while the file is read. */
  readonly blocking?: boolean;
  readonly onProgress?: (progress: Progress) => void;
  /** Keep the bytes of every step of the traces with these keys (see `CaptureResult.keys` of an earlier reading). */
  readonly keepDataOf?: ReadonlySet<number>;
  /** Filled with what it takes to read a trace's packets again alone, see {@link readTraceData}. */
  readonly places?: TracePlaces;
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
  const { handle, size } = await openFile(path);
  const inspector = new Inspector({
    keyLog: options.keyLog,
    onTrace: options.onTrace,
    onOrderedTrace: options.onOrderedTrace,
    outline: options.outline,
    keepDataOf: options.keepDataOf,
    framesOf: options.places?.frames,
  });
  const reader = new CaptureReader(options.places ? new PlacesSink(inspector, options.places) : inspector);
  let cutShort = false;
  try {
    const { signal, blocking } = options;
    const raw = fileChunks(handle, { signal, seekable: size >= 0, blocking });
    const source = decompressed(raw);
    for await (const chunk of source.chunks) {
      reader.push(chunk);
      if (reader.notACapture) break;
      options.onProgress?.({
        bytesRead: source.bytesIn,
        bytesTotal: Math.max(size, source.bytesIn),
        packets: reader.packets,
      });
      if (options.untilFrame !== undefined && reader.packets >= options.untilFrame) break;
      const full = options.drain?.();
      if (full) await full;
    }
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason ?? error;
    if (isDamagedCompression(error)) {
      inspector.handleIssue({
        code: 'COMPRESSION_DAMAGED',
        message: 'The compressed file is cut or damaged; what could be unpacked is shown.',
      });
    } else if (reader.packets > 0) {
      // What was read may have been shown already: it is not taken back.
      inspector.handleIssue({ code: 'READ_FAILED', message: describeFileError(path, error).message });
    } else {
      throw describeFileError(path, error);
    }
    cutShort = true;
  } finally {
    await handle.close();
  }
  reader.finish();
  if (reader.notACapture || reader.format === null) throw notACapture(path, reader, cutShort);

  const traces = inspector.finish();
  return {
    document: {
      version: 1,
      capture: {
        file: options.name ?? basename(path),
        format: reader.format,
        packets: reader.packets,
        bytes: reader.bytes,
        linkTypes: [...reader.linkTypes],
        // The reader tells its issues to the inspector too, in their place among the inspector's own.
        issues: [...inspector.issues],
        ...(reader.notes.length > 0 ? { notes: reader.notes } : {}),
      },
      traces,
    },
    damaged: cutShort || reader.issues.length > 0,
    keys: inspector.keys,
    data: inspector.data,
  };
}

/**
 * Gives a file's packets to a sink, a second time: what is wrong with the file was said the first time.
 *
 * @throws {CaptureFileError} when it cannot be read.
 */
export async function feedCapture(path: string, sink: PacketSink): Promise<void> {
  const { handle, size } = await openFile(path);
  const reader = new CaptureReader(sink);
  try {
    for await (const chunk of decompressed(fileChunks(handle, { seekable: size >= 0 })).chunks)
      reader.push(chunk);
  } catch (error) {
    if (!isDamagedCompression(error)) throw describeFileError(path, error);
  } finally {
    await handle.close();
  }
  reader.finish();
}

/** The file's size is -1 where it has none, as a pipe. */
async function openFile(path: string): Promise<{ handle: FileHandle; size: number }> {
  try {
    const handle = await open(path, 'r');
    const stat = await handle.stat();
    if (stat.isDirectory()) {
      await handle.close();
      throw new CaptureFileError(
        'IS_A_FOLDER',
        `${basename(path)} is a folder; name a .pcap or .pcapng file in it.`,
      );
    }
    return { handle, size: stat.isFile() ? stat.size : -1 };
  } catch (error) {
    throw error instanceof CaptureFileError ? error : describeFileError(path, error);
  }
}

function notACapture(path: string, reader: CaptureReader, cutShort: boolean): CaptureFileError {
  const file = basename(path);
  const known = reader.issues[0];
  if (reader.bytes === 0 && cutShort) {
    return new CaptureFileError(
      'COMPRESSION_DAMAGED',
      `${file} is compressed, and damaged or cut where it begins: nothing of it can be unpacked.`,
    );
  }
  if (reader.bytes === 0) {
    return new CaptureFileError(
      'CAPTURE_EMPTY',
      `${file} is empty; if it is being recorded, open it again when the recorder has stopped.`,
    );
  }
  return new CaptureFileError(
    known?.code ?? 'NOT_A_CAPTURE',
    `${file} is not a capture that can be read: ${known?.message ?? 'it starts with neither a pcap nor a pcapng header.'} ` +
      'Record one with tcpdump -w, dumpcap or Wireshark.',
  );
}
