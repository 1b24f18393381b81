import { buildPacket } from '../../src/network/packet-builder';
import type { RecordedConversation } from './recorded-conversations';

/** The packets of a recorded connection between other endpoints: the `number`th client. */
export function* replayOf(conversation: RecordedConversation, number: number): Generator<Uint8Array> {
  const client = {
    address: `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
    port: 32_768 + (number % 28_000),
  };
  const server = { address: `192.0.2.${1 + (conversation.port % 200)}`, port: conversation.port };
  const first = { client: (number * 7919) >>> 0, server: (number * 104_729) >>> 0 };
  for (const packet of conversation.packets) {
    const [own, peer] = packet.fromClient ? [first.client, first.server] : [first.server, first.client];
    yield buildPacket({
      source: packet.fromClient ? client : server,
      destination: packet.fromClient ? server : client,
      sequence: (own + packet.sequence) >>> 0,
      acknowledgment: (peer + packet.acknowledgment) >>> 0,
      flags: packet.flags,
      payload: packet.payload,
    });
  }
}
