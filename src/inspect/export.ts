import { utf8Bytes } from '../base/bytes';
import { type Mark, markFromMillis, otherSide } from '../base/mark';
import { PcapngWriter } from '../capture/pcapng-writer';
import { parseAddress } from '../network/address';
import { buildPacket } from '../network/packet-builder';
import type { Endpoint } from '../trace/model';
import { type PacketSpec, packetize } from './packetize';
import type { Recording } from './recording';

/** Stands in where a connection had no IP address (a Unix socket) or never got one (a refused connection). */
const NO_ADDRESS = '127.0.0.1';

/** A packet that waits for what was noted after it. */
interface Pending {
  readonly mark: Mark;
  readonly packet: Uint8Array;
  readonly comments: string[];
}

/**
 * Writes recordings as one pcapng file: Ethernet, IP and TCP made up around the recorded bytes, with the TLS secrets, so that Wireshark
 * opens and decrypts it. What happened off the wire (a certificate refused, a time-out) becomes the comment of the packet before it.
 *
 * Reading the file back gives the traces that `traceRecordings` gives, frame for frame.
 */
export function recordingsToPcapng(recordings: readonly Recording[], withSecrets = true): Uint8Array {
  const writer = new PcapngWriter({ application: 'Handshake Inspector' });
  if (withSecrets) {
    for (const recording of recordings) writer.addSecrets(utf8Bytes(recording.keyLog));
  }
  let frame = 1;
  for (const recording of recordings) frame = writeRecording(writer, recording, frame);
  return writer.toBytes();
}

function writeRecording(writer: PcapngWriter, recording: Recording, firstFrame: number): number {
  let frame = firstFrame;
  let pending: Pending | undefined;
  const early: string[] = [];
  const flush = () => {
    if (pending) writer.addPacket(pending.mark, pending.packet, pending.comments.join('\n'));
  };
  for (const spec of packetize(recording, firstFrame)) {
    if (spec.kind === 'local') {
      const { message, summary } = spec.event.event;
      (pending?.comments ?? early).push(`${message}: ${summary}`);
      continue;
    }
    flush();
    pending = {
      mark: markFromMillis(spec.frame, spec.time),
      packet: packetOf(recording, spec),
      comments: early.splice(0),
    };
    frame = spec.frame + 1;
  }
  flush();
  return frame;
}

function packetOf(recording: Recording, spec: Extract<PacketSpec, { kind: 'packet' }>): Uint8Array {
  return buildPacket({
    source: addressed(recording[spec.from]),
    destination: addressed(recording[otherSide(spec.from)]),
    sequence: spec.seq,
    acknowledgment: spec.ack,
    flags: spec.flags,
    payload: spec.payload,
  });
}

function addressed(endpoint: Endpoint): Endpoint {
  return parseAddress(endpoint.address) ? endpoint : { address: NO_ADDRESS, port: endpoint.port };
}
