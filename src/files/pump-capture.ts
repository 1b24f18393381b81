import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Issue } from '../base/issue';
import type { PacketSink } from '../capture/packet';
import { CaptureReader } from '../capture/reader';
import { decompressed, isDamagedCompression, UnpackedLimitError } from './decompress';
import { CaptureFileError, describeFileError } from './errors';
import { fileChunks } from './file-chunks';
import { fsPath, shownPath } from './path-bytes';

export interface Progress {
  /** Bytes of the file read so far (compressed bytes, if it is compressed). */
  readonly bytesRead: number;
  readonly bytesTotal: number;
  readonly packets: number;
}

export interface PumpOptions {
  readonly signal?: AbortSignal;
  /** Nobody else needs this thread while the file is read. */
  readonly blocking?: boolean;
  readonly onProgress?: (progress: Progress) => void;
  /** Called after each piece of the file, whose memory is used again; a promise is waited for before the next one. */
  readonly afterChunk?: () => Promise<void> | undefined;
  /** Most that a compressed file is unpacked to, megabytes. */
  readonly unpackedMegabytes?: number;
  /** Stop soon after this frame. What lies behind is neither read nor checked. */
  readonly untilFrame?: number;
}

/** A file read to its end, or to where it stopped being readable. */
export interface PumpedCapture {
  readonly reader: CaptureReader;
  readonly format: 'pcap' | 'pcapng';
  /** The file could not be read to its end as a capture. */
  readonly damaged: boolean;
}

/**
 * Reads a capture file from disk, compressed (gzip, zstd, lz4) or not, into a sink, which is also told what is wrong with the file.
 *
 * @throws {CaptureFileError} when there is nothing to show: no such file, not a capture, empty.
 */
export async function pumpCapture(
  path: string,
  sink: Required<PacketSink>,
  options: PumpOptions = {},
): Promise<PumpedCapture> {
  const { handle, size } = await openFile(path);
  const reader = new CaptureReader(sink);
  let cutShort = false;
  try {
    const { signal, blocking, unpackedMegabytes } = options;
    const raw = fileChunks(handle, { signal, seekable: size >= 0, blocking });
    const source = decompressed(raw, unpackedMegabytes);
    for await (const chunk of source.chunks) {
      // Of a few compressed bytes there may be many chunks.
      signal?.throwIfAborted();
      reader.push(chunk);
      if (reader.notACapture) break;
      options.onProgress?.({
        bytesRead: source.bytesIn,
        bytesTotal: Math.max(size, source.bytesIn),
        packets: reader.packets,
      });
      if (options.untilFrame !== undefined && reader.packets >= options.untilFrame) break;
      const full = options.afterChunk?.();
      if (full) await full;
    }
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason ?? error;
    sink.handleIssue(readingIssue(path, error, reader));
    cutShort = true;
  } finally {
    await handle.close();
  }
  reader.finish();
  const { format } = reader;
  if (reader.notACapture || format === null) throw notACapture(path, reader, cutShort);
  return { reader, format, damaged: cutShort || reader.issues.length > 0 };
}

/**
 * Gives a file's packets to a sink, a second time: what is wrong with the file was said the first time.
 *
 * @throws {CaptureFileError} when it cannot be read.
 */
export async function feedCapture(path: string, sink: PacketSink, unpackedMegabytes?: number): Promise<void> {
  const { handle, size } = await openFile(path);
  const reader = new CaptureReader(sink);
  try {
    const raw = fileChunks(handle, { seekable: size >= 0 });
    for await (const chunk of decompressed(raw, unpackedMegabytes).chunks) reader.push(chunk);
  } catch (error) {
    if (!isDamagedCompression(error)) throw describeFileError(path, error);
  } finally {
    await handle.close();
  }
  reader.finish();
}

/** @throws what reading threw, in words, if nothing was read before: what was read may have been shown, and is not taken back. */
function readingIssue(path: string, error: unknown, reader: CaptureReader): Issue {
  if (error instanceof UnpackedLimitError) {
    return {
      code: 'UNPACKED_LIMIT',
      message:
        `The compressed file unpacks to more than ${error.megabytes} MB, the most that is read of one: what came before is shown. ` +
        'If it is to be trusted, set handshakeInspector.unpackedMegabytes or --unpacked-limit higher.',
    };
  }
  if (isDamagedCompression(error)) {
    return {
      code: 'COMPRESSION_DAMAGED',
      message: 'The compressed file is cut or damaged; what could be unpacked is shown.',
    };
  }
  const described = describeFileError(path, error);
  if (reader.packets === 0) throw described;
  return { code: 'READ_FAILED', message: described.message };
}

/** The file's size is -1 where it has none, as a pipe. */
async function openFile(path: string): Promise<{ handle: FileHandle; size: number }> {
  try {
    const handle = await open(fsPath(path), 'r');
    const stat = await handle.stat();
    if (stat.isDirectory()) {
      await handle.close();
      throw new CaptureFileError(
        'IS_A_FOLDER',
        `${shownPath(basename(path))} is a folder; name a .pcap or .pcapng file in it.`,
      );
    }
    return { handle, size: stat.isFile() ? stat.size : -1 };
  } catch (error) {
    throw error instanceof CaptureFileError ? error : describeFileError(path, error);
  }
}

function notACapture(path: string, reader: CaptureReader, cutShort: boolean): CaptureFileError {
  const file = shownPath(basename(path));
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
