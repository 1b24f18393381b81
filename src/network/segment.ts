import { formatAddress } from './address';

const NOTHING: Uint8Array = new Uint8Array(0);

/** TCP flags (RFC 9293 section 3.1). */
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;

/** What became of a packet given to the decoder. */
export const SEGMENT_KIND = {
  /** A TCP segment. */
  TCP: 0,
  /** Neither IPv4 nor IPv6, or cut before their header ends. */
  NOT_IP: 1,
  /** IP, but not TCP. */
  OTHER_PROTOCOL: 2,
  /** One piece of a fragmented IP packet, for a `FragmentTable`. */
  FRAGMENT: 3,
  /** A piece of a fragmented IP packet that waits for the others, or cannot be put together. */
  HELD: -1,
  /** A header that contradicts itself or is cut. */
  MALFORMED: 4,
  /** The link type is not in the table. */
  UNKNOWN_LINK: 5,
} as const;

/** One TCP segment as offsets into the packet's buffer. The decoder fills the same object again and again. */
export class SegmentView {
  /** One of {@link SEGMENT_KIND}; the other fields mean something only for `TCP`. */
  kind: number = SEGMENT_KIND.NOT_IP;
  buffer: Uint8Array = NOTHING;
  version: 4 | 6 = 4;
  /** IP protocol of the innermost packet. */
  protocol = 0;
  /** Offset of the source address, 4 or 16 bytes. */
  sourceAt = 0;
  destinationAt = 0;
  /** End of the IP packet by its own length; past the captured bytes when they were cut. */
  ipEnd = 0;
  /** For `FRAGMENT`: offset of its IP header, and of its payload. */
  fragmentAt = 0;
  fragmentPayload = 0;
  /** Offset of the TCP header. */
  tcpAt = 0;
  sourcePort = 0;
  destinationPort = 0;
  /** Sequence number as a signed 32-bit integer: compare with `(a - b) | 0`. */
  sequence = 0;
  acknowledgment = 0;
  flags = 0;
  window = 0;
  /** The payload that was captured is `buffer[payloadStart, payloadEnd)`. */
  payloadStart = 0;
  payloadEnd = 0;
  /** Bytes at the payload's end that crossed the wire but were not captured (snap length). */
  missing = 0;
  /** What {@link payload} gave last, and of what. */
  #payload = NOTHING;
  #viewed = NOTHING;
  #viewedAt = 0;

  /** Captured payload bytes. */
  get payloadLength(): number {
    return this.payloadEnd - this.payloadStart;
  }

  /** The captured payload as a view. The same is given as long as it lies in the same place: the first payload is looked at twice. */
  get payload(): Uint8Array {
    const { buffer, payloadStart: start, payloadEnd: end } = this;
    if (start === end) return NOTHING;
    if (this.#viewed !== buffer || this.#viewedAt !== start || this.#payload.length !== end - start) {
      this.#payload = buffer.subarray(start, end);
      this.#viewed = buffer;
      this.#viewedAt = start;
    }
    return this.#payload;
  }

  get sourceAddress(): string {
    return formatAddress(this.buffer, this.sourceAt, this.version === 4 ? 4 : 16);
  }

  get destinationAddress(): string {
    return formatAddress(this.buffer, this.destinationAt, this.version === 4 ? 4 : 16);
  }
}
