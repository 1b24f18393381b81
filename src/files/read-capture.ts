import { createReadStream, type ReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';
import { CaptureReader } from '../capture/reader';
import { Inspector } from '../inspect/inspector';
import type { KeyLog } from '../tls/keylog';
import type { Trace, TraceDocument } from '../trace/model';
import { CaptureFileError, describeFileError } from './errors';

/** How much is read at once. Larger chunks are not faster; smaller ones cost a turn of the event loop each. */
const CHUNK = 1 << 20;

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
  readonly onTrace?: (trace: Trace) => void;
  readonly onProgress?: (progress: Progress) => void;
  /** Keep the bytes of every step of the traces with these keys (see `CaptureResult.keys` of an earlier reading). */
  readonly keepDataOf?: ReadonlySet<number>;
  /** Stop soon after this frame: all that is wanted came before. What lies behind is neither read nor checked. */
  readonly untilFrame?: number;
  /** Name to show instead of the path's last part. */
  readonly name?: string;
}

export interface CaptureResult {
  readonly document: TraceDocument;
  /** The file could not be read to its end as a capture: what is here is what was readable. */
  readonly damaged: boolean;
  /** The key of each trace by id: the same in every reading of the same file. */
  readonly keys: ReadonlyMap<string, number>;
  /** Bytes of the steps, by key and step index, for the traces asked for. */
  readonly data: ReadonlyMap<number, readonly (Uint8Array | undefined)[]>;
}

/**
 * Reads a capture file from disk, gzip-compressed or not, and gives its handshakes. The file is streamed: memory follows the number
 * of handshakes, not the size of the file.
 *
 * @throws {CaptureFileError} when there is nothing to show: no such file, not a capture, empty.
 */
export async function readCapture(path: string, options: ReadCaptureOptions = {}): Promise<CaptureResult> {
  const { handle, size } = await openFile(path);
  const inspector = new Inspector({
    keyLog: options.keyLog,
    onTrace: options.onTrace,
    keepDataOf: options.keepDataOf,
  });
  const reader = new CaptureReader(inspector);
  let bytesRead = 0;
  let raw: ReadStream | undefined;
  try {
    const compressed = await isCompressed(handle);
    // From here to the loop nothing may wait: the stream must not flow, or be cancelled, before it is listened to.
    raw = createReadStream(path, { highWaterMark: CHUNK, signal: options.signal });
    raw.on('data', (chunk) => {
      bytesRead += chunk.length;
    });
    const source = compressed ? raw.pipe(createGunzip({ chunkSize: CHUNK })) : raw;
    raw.on('error', (error) => source.destroy(error));
    for await (const chunk of source) {
      reader.push(chunk as Uint8Array);
      if (reader.notACapture) break;
      options.onProgress?.({ bytesRead, bytesTotal: size, packets: reader.packets });
      if (options.untilFrame !== undefined && reader.packets >= options.untilFrame) break;
    }
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason ?? error;
    if (!isCutCompression(error)) throw describeFileError(path, error);
    inspector.handleIssue({
      code: 'GZIP_DAMAGED',
      message: 'The compressed file is cut or damaged; what could be unpacked is shown.',
    });
  } finally {
    raw?.destroy();
    await handle.close();
  }
  reader.finish();
  if (reader.notACapture || reader.format === null) throw notACapture(path, reader);

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
      },
      traces,
    },
    damaged: reader.issues.length > 0 || inspector.issues.some((issue) => issue.code === 'GZIP_DAMAGED'),
    keys: inspector.keys,
    data: inspector.data,
  };
}

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
    return { handle, size: stat.size };
  } catch (error) {
    throw error instanceof CaptureFileError ? error : describeFileError(path, error);
  }
}

/** RFC 1952 section 2.3.1: ID1 = 31, ID2 = 139. */
async function isCompressed(handle: FileHandle): Promise<boolean> {
  const start = new Uint8Array(2);
  const { bytesRead } = await handle.read(start, 0, 2, 0);
  return bytesRead === 2 && start[0] === 0x1f && start[1] === 0x8b;
}

function isCutCompression(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return code.startsWith('Z_');
}

function notACapture(path: string, reader: CaptureReader): CaptureFileError {
  const file = basename(path);
  const known = reader.issues[0];
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
