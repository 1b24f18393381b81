/** A capture taken apart into its packets, so that others can be made of it: cut, holed, reordered. */
import { readFileSync } from 'node:fs';
import { emptyView, type PacketSink, type PacketView } from '../../../src/capture/packet';
import { CaptureReader } from '../../../src/capture/reader';
import { decompressed } from '../../../src/files/decompress';
import { Inspector } from '../../../src/inspect/inspector';
import { SegmentView } from '../../../src/network/segment';
import { decodeSegment } from '../../../src/network/tcp';
import { KeyLog } from '../../../src/tls/keylog';
import type { Trace } from '../../../src/trace/model';

/** One packet with its own bytes. */
export interface Packet {
  readonly seconds: number;
  readonly nanos: number;
  readonly linkType: number;
  readonly bytes: Uint8Array;
  readonly originalLength: number;
  /** What TCP says of it; null for a packet that is not TCP. */
  readonly tcp: TcpFacts | null;
}

export interface TcpFacts {
  /** `address:port` of the sender. */
  readonly from: string;
  readonly to: string;
  readonly flags: number;
  readonly payload: number;
  /** Offset of the TCP header in the packet. */
  readonly at: number;
}

export interface Capture {
  readonly packets: readonly Packet[];
  readonly secrets: Uint8Array;
}

async function* whole(file: Uint8Array): AsyncGenerator<Uint8Array> {
  yield file;
}

/** @param keys a key log beside the capture. */
export async function readPackets(path: string, keys?: string): Promise<Capture> {
  const packets: Packet[] = [];
  const secrets: Uint8Array[] = keys === undefined ? [] : [readFileSync(keys)];
  const sink: PacketSink = {
    handlePacket: (packet) => packets.push(copied(packet)),
    handleSecrets: (text) => secrets.push(text.slice()),
  };
  const reader = new CaptureReader(sink);
  for await (const chunk of decompressed(whole(new Uint8Array(readFileSync(path)))).chunks)
    reader.push(chunk);
  reader.finish();
  return { packets, secrets: new Uint8Array(Buffer.concat(secrets)) };
}

function copied(packet: PacketView): Packet {
  const { seconds, nanos, linkType, originalLength } = packet;
  const bytes = packet.buffer.slice(packet.start, packet.end);
  return { seconds, nanos, linkType, bytes, originalLength, tcp: tcpOf(bytes, linkType, originalLength) };
}

function tcpOf(bytes: Uint8Array, linkType: number, originalLength: number): TcpFacts | null {
  const segment = new SegmentView();
  const view = { ...emptyView(), buffer: bytes, end: bytes.length, linkType, originalLength };
  if (!decodeSegment(view, segment)) return null;
  return {
    from: `${segment.sourceAddress}:${segment.sourcePort}`,
    to: `${segment.destinationAddress}:${segment.destinationPort}`,
    flags: segment.flags,
    payload: segment.payloadEnd - segment.payloadStart + segment.missing,
    at: segment.tcpAt,
  };
}

/** What our decoder says of these packets. */
export function inspect(packets: readonly Packet[], secrets: Uint8Array): Trace[] {
  const inspector = new Inspector({ keyLog: KeyLog.parse(secrets).value, outline: true });
  const view = emptyView();
  packets.forEach((packet, index) => {
    view.frame = index + 1;
    view.seconds = packet.seconds;
    view.nanos = packet.nanos;
    view.linkType = packet.linkType;
    view.buffer = packet.bytes;
    view.start = 0;
    view.end = packet.bytes.length;
    view.originalLength = packet.originalLength;
    inspector.handlePacket(view);
  });
  return inspector.finish();
}
