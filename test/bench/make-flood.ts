import { buildPacket } from '../../src/network/packet-builder';
import { SYN } from '../../src/network/segment';
import { type BenchCapture, ClassicFile, keptCapture } from './make-capture';
import { recordedConversations } from './recorded-conversations';
import { replayOf } from './replay';

/** Ports that say what the connection was for, though nothing was said on it. */
const PORTS = [5432, 27_017];

/** A SYN of another client each, and nothing else: every one may become a connection until the capture ends. */
export function makeSyns(count: number): BenchCapture {
  return keptCapture(`syns-${count}`, (name) => {
    const file = new ClassicFile(name);
    for (let i = 0; i < count; i++) {
      const source = { address: `10.${i >>> 16}.${(i >>> 8) & 255}.${i & 255}`, port: 32_768 + (i % 28_000) };
      const destination = { address: '192.0.2.7', port: PORTS[i % PORTS.length] };
      file.write(
        buildPacket({ source, destination, sequence: (i * 7919) >>> 0, acknowledgment: 0, flags: SYN }),
      );
    }
    file.close();
    return { packets: count, handshakes: count };
  });
}

/** So many recorded logins one after the other; behind the SYN of one that is never answered, which all of them are younger than. */
export function makeLogins(root: string, count: number): BenchCapture {
  return keptCapture(`logins-${count}`, (name) => {
    const file = new ClassicFile(name);
    const recorded = recordedConversations(root);
    const ends = {
      source: { address: '10.255.0.1', port: 40_000 },
      destination: { address: '192.0.2.7', port: 5432 },
    };
    file.write(buildPacket({ ...ends, sequence: 1, acknowledgment: 0, flags: SYN }));
    let packets = 1;
    for (let i = 1; i < count; i++) {
      for (const packet of replayOf(recorded[i % recorded.length], i)) {
        file.write(packet);
        packets++;
      }
    }
    file.close();
    return { packets, handshakes: count };
  });
}
