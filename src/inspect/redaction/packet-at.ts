import { u32le } from '../../capture/words';

const ENHANCED_PACKET = 6;

/** The number, from 1, of the packet that the byte at `offset` of a pcapng file of ours belongs to; 0 if it belongs to none. */
export function packetAt(file: Uint8Array, offset: number): number {
  let packets = 0;
  for (let at = 0; at + 12 <= file.length; ) {
    const isPacket = u32le(file, at) === ENHANCED_PACKET;
    const length = u32le(file, at + 4);
    if (isPacket) packets++;
    if (length < 12) return 0;
    if (offset < at + length) return isPacket ? packets : 0;
    at += length;
  }
  return 0;
}
