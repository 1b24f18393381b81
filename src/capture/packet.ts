import type { Issue } from '../base/issue';

/**
 * One captured packet, as a view. A reader passes the same object for every packet: a sink copies what it keeps.
 */
export interface PacketView {
  /** From 1, as Wireshark counts. */
  frame: number;
  seconds: number;
  nanos: number;
  /** LINKTYPE_ value of the interface it was captured on. */
  linkType: number;
  /** The packet is `buffer[start, end)`. */
  buffer: Uint8Array;
  start: number;
  end: number;
  /** Length on the wire; larger than `end - start` when the capture cut it. */
  originalLength: number;
  /** Offset of the packet's record or block in the (uncompressed) file. */
  fileOffset: number;
}

/** A view that shows nothing yet. */
export function emptyView(): PacketView {
  return {
    frame: 0,
    seconds: 0,
    nanos: 0,
    linkType: 0,
    buffer: new Uint8Array(0),
    start: 0,
    end: 0,
    originalLength: 0,
    fileOffset: 0,
  };
}

/** What a capture reader calls. */
export interface PacketSink {
  handlePacket(packet: PacketView): void;
  /** Text of an NSS key log found in the capture (pcapng Decryption Secrets Block). */
  handleSecrets?(keyLog: Uint8Array): void;
  handleIssue?(issue: Issue): void;
}
