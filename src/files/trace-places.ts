import { type FileHandle, open } from 'node:fs/promises';
import type { Issue } from '../base/issue';
import { pcapLayout, SECTION_HEADER } from '../capture/format';
import { FRAME_READ_LENGTH, frameBytes } from '../capture/frame-bytes';
import type { PacketSink, PacketView } from '../capture/packet';
import { PacketIndex } from '../capture/packet-index';
import { u32be } from '../capture/words';
import { Inspector } from '../inspect/inspector';
import type { DecodeAs } from '../inspect/known-servers';
import { KeyLog } from '../tls/keylog';
import type { Trace } from '../trace/model';
import { fsPath } from './path-bytes';

/** Where the packets of each trace are in the file, noted while it is read. */
export class TracePlaces {
  readonly index = new PacketIndex();
  /** Frames of each trace's connection, by key. */
  readonly frames = new Map<number, Uint32Array>();
  /** The TLS secrets that the capture carries. */
  readonly secrets: Uint8Array[] = [];
}

/** Notes what comes by on its way to the inspector. */
export class PlacesSink implements PacketSink {
  constructor(
    private readonly next: Required<PacketSink>,
    private readonly places: TracePlaces,
  ) {}

  handlePacket(packet: PacketView): void {
    this.places.index.add(packet.fileOffset, packet.frame, packet.linkType);
    this.next.handlePacket(packet);
  }

  handleSecrets(text: Uint8Array): void {
    this.places.secrets.push(text.slice());
    this.next.handleSecrets(text);
  }

  handleIssue(problem: Issue): void {
    this.next.handleIssue(problem);
  }
}

/**
 * Reads the packets of one trace again, and nothing else of the file.
 *
 * @param keyLog secrets besides those of the capture
 * @returns the bytes of its steps; undefined if they cannot be had this way: the file is compressed, the connection had too many packets,
 * or its packets alone do not give the same trace (they were fragments, or the secrets came later).
 * @throws what reading throws.
 */
export async function readTraceData(
  path: string,
  places: TracePlaces,
  key: number,
  trace: Trace,
  keyLog = KeyLog.parse(new Uint8Array(0)).value,
  decodeAs?: DecodeAs,
): Promise<readonly (Uint8Array | undefined)[] | undefined> {
  const frames = places.frames.get(key);
  if (frames === undefined) return undefined;
  for (const text of places.secrets) keyLog.add(text);
  const inspector = new Inspector({ keyLog, keepDataOf: new Set([ONLY]), decodeAs });
  const handle = await open(fsPath(path), 'r');
  try {
    if (!(await feedFrames(handle, places.index, frames, inspector))) return undefined;
  } finally {
    await handle.close();
  }
  const found = inspector.finish();
  return found.length === 1 && sameSteps(found[0], trace) ? inspector.data.get(ONLY) : undefined;
}

/** The key of the one conversation that there is. */
const ONLY = 1;

/** @returns false when the packets are not where they were. */
async function feedFrames(
  handle: FileHandle,
  index: PacketIndex,
  frames: Uint32Array,
  sink: PacketSink,
): Promise<boolean> {
  const start = await readAt(handle, 0, 8);
  if (start.length < 4 || (pcapLayout(start) === undefined && u32be(start, 0) !== SECTION_HEADER))
    return false;
  for (const frame of frames) {
    const fileOffset = index.offsetOf(frame);
    if (fileOffset < 0) return false;
    const next = index.offsetOf(frame + 1);
    const length = next < 0 ? FRAME_READ_LENGTH : Math.min(next - fileOffset, FRAME_READ_LENGTH);
    const bytes = frameBytes(start, await readAt(handle, fileOffset, length));
    if (bytes === undefined) return false;
    const { length: end } = bytes;
    // Times are not asked for again.
    const place = { frame, seconds: 0, nanos: 0, linkType: index.linkTypeOf(frame), fileOffset };
    sink.handlePacket({ ...place, buffer: bytes, start: 0, end, originalLength: end });
  }
  return true;
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** The same messages out of the same frames. */
function sameSteps(one: Trace, other: Trace): boolean {
  return (
    one.steps.length === other.steps.length &&
    one.steps.every(({ message, bytes, frames }, i) => {
      const step = other.steps[i];
      return step.message === message && step.bytes === bytes && step.frames.join() === frames.join();
    })
  );
}
