import type { SegmentView } from './segment';

/** A power of two: several times the connections that are busy at once, and 128 KB, which stay in the processor's cache. */
const PLACES = 8192;
/** Words of an entry: two addresses, both ports, and whether it is one. */
const WORDS = 4;

/**
 * Directions of IPv4 flows that nothing more is wanted of. It may forget one, when another takes its place, and never takes one for another:
 * so most packets of most captures cost one look, and the others go on to the flow table.
 */
export class FinishedFlows {
  readonly #words = new Int32Array(PLACES * WORDS);

  /**
   * @param words the packet's buffer.
   * @param tcp offset of the TCP header. The addresses are the 8 bytes before it, as `plainTcp` says.
   */
  has(words: DataView, tcp: number): boolean {
    const source = words.getInt32(tcp - 8);
    const destination = words.getInt32(tcp - 4);
    const ports = words.getInt32(tcp);
    const at = placeOf(source, destination, ports);
    const known = this.#words;
    return (
      known[at] === source && known[at + 1] === destination && known[at + 2] === ports && known[at + 3] === 1
    );
  }

  add(words: DataView, tcp: number): void {
    const source = words.getInt32(tcp - 8);
    const destination = words.getInt32(tcp - 4);
    const ports = words.getInt32(tcp);
    const at = placeOf(source, destination, ports);
    const known = this.#words;
    known[at] = source;
    known[at + 1] = destination;
    known[at + 2] = ports;
    known[at + 3] = 1;
  }

  /** These endpoints talk anew: both directions are wanted again. */
  remove({ buffer, version, sourceAt, destinationAt, sourcePort, destinationPort }: SegmentView): void {
    if (version !== 4) return;
    const words = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    const source = words.getInt32(sourceAt);
    const destination = words.getInt32(destinationAt);
    this.#remove(source, destination, (sourcePort << 16) | destinationPort);
    this.#remove(destination, source, (destinationPort << 16) | sourcePort);
  }

  /** What else is in that place is forgotten with it. */
  #remove(source: number, destination: number, ports: number): void {
    this.#words[placeOf(source, destination, ports) + 3] = 0;
  }
}

/** Index of the entry's first word. */
function placeOf(source: number, destination: number, ports: number): number {
  const mixed =
    Math.imul(source, 0x9e3779b1) ^ Math.imul(destination, 0x85ebca77) ^ Math.imul(ports, 0xc2b2ae3d);
  return ((mixed ^ (mixed >>> 15)) & (PLACES - 1)) * WORDS;
}
