import { pcapLayout, pcapLengths } from './format';
import { u16, u32, u32be } from './words';

/** Packet blocks by their type's four bytes, which also tell the section's byte order. */
const PACKET_BLOCKS: Readonly<Record<number, { readonly little: boolean; readonly simple: boolean }>> = {
  100663296: { little: true, simple: false },
  6: { little: false, simple: false },
  33554432: { little: true, simple: false },
  2: { little: false, simple: false },
  50331648: { little: true, simple: true },
  3: { little: false, simple: true },
};

/** Bytes to read at a frame's offset so that {@link frameBytes} finds all of a packet of usual size. */
export const FRAME_READ_LENGTH = 262_144 + 32;

/**
 * Finds a packet again by the offset that a `PacketIndex` kept of its record or block.
 *
 * @param fileStart the first eight bytes of the (uncompressed) file.
 * @param record bytes of the file from that offset on; at least the header, at most what the file has.
 * A simple packet that its interface's snap length cut may be followed by up to three bytes of padding.
 *
 * @returns the packet as a view into `record`, shorter if `record` is; `undefined` if no packet begins there.
 */
export function frameBytes(fileStart: Uint8Array, record: Uint8Array): Uint8Array | undefined {
  const layout = pcapLayout(fileStart);
  if (layout !== undefined) {
    if (record.length < layout.recordHeaderLength) return undefined;
    const little = layout.littleEndian;
    const captured = pcapLengths(record, 8, little, fileStart.length < 8 ? 4 : u16(fileStart, 6, little))[0];
    return record.subarray(layout.recordHeaderLength, layout.recordHeaderLength + captured);
  }
  if (record.length < 16) return undefined;
  const kind = PACKET_BLOCKS[u32be(record, 0)];
  if (kind === undefined) return undefined;
  const blockLength = u32(record, 4, kind.little);
  const header = kind.simple ? 12 : 28;
  if (record.length < header || blockLength < header + 4) return undefined;
  const wanted = u32(record, kind.simple ? 8 : 20, kind.little);
  return record.subarray(header, header + Math.min(wanted, blockLength - header - 4));
}
