/// <reference path="./pcap-parser.d.ts" />
import { EventEmitter } from 'node:events';
import { parse } from 'pcap-parser';
import { emptyView, type PacketSink } from '../capture/packet';
import { MAX_PACKET_LENGTH } from '../capture/pcap';

const MAGIC_LENGTH = 4;
/** The classic form with nanoseconds, and the same with microseconds, in both byte orders. */
const NANOSECONDS: ReadonlyMap<string, string> = new Map([
  ['a1b23c4d', 'a1b2c3d4'],
  ['4d3cb2a1', 'd4c3b2a1'],
]);
const FILE_HEADER_LENGTH = 24;
const RECORD_HEADER_LENGTH = 16;

/** A stream as far as `pcap-parser` needs one; it is given data by {@link PacketStream.push}, one call at a time. */
class Feed extends EventEmitter {
  pause(): void {}
  resume(): void {}
}

/**
 * The packets of a classic capture while it is written, read by `pcap-parser`. A packet is given to the sink during the `push` that
 * brought its last byte.
 *
 * `pcap-parser` knows microseconds only. The form with nanoseconds, which a capture program may choose, differs in the first four bytes
 * and in the unit of the fraction, so it is announced as the other and the fraction is taken for what it is.
 */
export class PacketStream {
  packets = 0;
  /** Why no more packets will come, in words that follow "the capture program wrote"; null while all is well. */
  problem: string | null = null;
  readonly #feed = new Feed();
  #begin: Buffer | null = Buffer.alloc(0);
  /** Nanoseconds in one unit of the fraction. */
  #unit = 1000;

  constructor(sink: PacketSink) {
    const view = emptyView();
    view.fileOffset = FILE_HEADER_LENGTH;
    let next = FILE_HEADER_LENGTH;
    parse(this.#feed)
      .on('error', ({ message }) => this.#fail(`something else than a capture (${message})`))
      .on('globalHeader', ({ linkLayerType }) => {
        // The upper bits hold the length of a frame check sequence.
        view.linkType = linkLayerType & 0xffff;
      })
      .on('packetHeader', ({ capturedLength }) => {
        if (capturedLength > MAX_PACKET_LENGTH) this.#fail(`a packet of ${capturedLength} bytes`);
      })
      .on('packet', ({ header, data }) => {
        if (this.problem !== null) return;
        const nanos = header.timestampMicroseconds * this.#unit;
        view.frame = ++this.packets;
        view.seconds = header.timestampSeconds + Math.floor(nanos / 1e9);
        view.nanos = nanos % 1e9;
        view.buffer = new Uint8Array(data.buffer, data.byteOffset, data.length);
        view.end = data.length;
        view.originalLength = header.originalLength;
        view.fileOffset = next;
        next += RECORD_HEADER_LENGTH + data.length;
        sink.handlePacket(view);
      });
  }

  /** The next bytes of the file, however they are cut. They must not change afterwards. */
  push(chunk: Buffer): void {
    if (this.problem !== null || chunk.length === 0) return;
    if (this.#begin === null) {
      this.#feed.emit('data', chunk);
      return;
    }
    this.#begin = Buffer.concat([this.#begin, chunk]);
    if (this.#begin.length < MAGIC_LENGTH) return;
    const begin = this.#begin;
    this.#begin = null;
    const plain = NANOSECONDS.get(begin.toString('hex', 0, MAGIC_LENGTH));
    if (plain !== undefined) {
      begin.write(plain, 'hex');
      this.#unit = 1;
    }
    this.#feed.emit('data', begin);
  }

  #fail(problem: string): void {
    this.problem ??= problem;
  }
}
