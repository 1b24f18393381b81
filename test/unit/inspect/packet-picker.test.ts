/** Which packets of a capture are those of a trace, where its endpoints are used again and again. */
import { describe, expect, it } from 'vitest';
import { emptyView } from '../../../src/capture/packet';
import { type ConnectionPlace, PacketPicker } from '../../../src/inspect/packet-picker';
import { buildPacket } from '../../../src/network/packet-builder';

const client = { address: '192.0.2.1', port: 50_000 };
const server = { address: '192.0.2.9', port: 5432 };
const bytes = buildPacket({ source: client, destination: server, sequence: 1, acknowledgment: 1, flags: 16 });

/** A connection of three packets each. */
const places = (count: number): ConnectionPlace[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `t${i + 1}`,
    protocol: 'postgres',
    direct: false,
    client,
    server,
    firstFrame: 3 * i + 2,
    sessions: [],
  }));

function picked(count: number, chosen: readonly string[]): PacketPicker {
  const picker = new PacketPicker(places(count), new Set(chosen));
  const view = { ...emptyView(), linkType: 1, buffer: bytes, end: bytes.length };
  for (let frame = 1; frame <= 3 * count + 1; frame++) picker.handlePacket({ ...view, frame });
  return picker;
}

describe('the packets of connections between the same endpoints', () => {
  it.each([
    [['t1'], 3],
    [['t2', 't4'], 6],
    [['t5'], 3],
    [['t1', 't2', 't3', 't4', 't5'], 15],
    [[], 0],
  ])('of %j are from its first to the one before the next', (chosen, packets) => {
    expect(picked(5, chosen).packets).toBe(packets);
  });

  it('are found with work in proportion to them, however many connections there are', () => {
    const all = (count: number) => places(count).map(({ id }) => id);
    const [few, many] = [100, 1000].map((count) => picked(count, all(count)).work);
    expect(many).toBeLessThan(11 * few);
  });
});
