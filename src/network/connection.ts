import type { Mark } from '../base/mark';
import type { Direction } from './flow-table';
import { DEFAULT_LIMITS, type StreamHandler, type StreamLimits, TcpStream } from './reassembly';
import { ACK, RST, type SegmentView, SYN } from './segment';

/** What a connection tells: a {@link StreamHandler} with the direction in front. */
export interface ConnectionHandler {
  onOpen(direction: Direction, mark: Mark): void;
  onBytes(direction: Direction, bytes: Uint8Array, mark: Mark): void;
  onGap(direction: Direction, length: number, mark: Mark): void;
  onClose(direction: Direction, how: 'fin' | 'rst', mark: Mark): void;
  onConflict?(direction: Direction, offset: number, first: Mark | undefined, second: Mark): void;
}

/** Both directions of a TCP connection, each confirming the other's bytes. */
export class TcpConnection {
  readonly streams: readonly [TcpStream, TcpStream];

  constructor(handler: ConnectionHandler, limits: StreamLimits = DEFAULT_LIMITS) {
    this.streams = [new TcpStream(directed(handler, 0), limits), new TcpStream(directed(handler, 1), limits)];
  }

  /**
   * Whether this segment opens another connection between the same endpoints: a SYN (not SYN+ACK) whose sequence number is
   * not that of the connection known. The caller then starts a new `TcpConnection`.
   */
  isReuse(direction: Direction, segment: SegmentView): boolean {
    if ((segment.flags & (SYN | ACK)) !== SYN) return false;
    return this.streams[direction].isOtherStart(segment.sequence);
  }

  /** @param mark kept, so it must not change afterwards. */
  handleSegment(direction: Direction, segment: SegmentView, mark: Mark): void {
    const own = this.streams[direction];
    const peer = this.streams[1 - direction];
    const { flags, acknowledgment, missing } = segment;
    // What a reset acknowledges need not be true.
    if ((flags & (ACK | RST)) === ACK) {
      // In a handshake the first acknowledgment names the first byte of a direction whose SYN was not captured.
      if (!peer.started && ((flags & SYN) !== 0 || own.opened)) peer.startAt(acknowledgment);
      const sends = segment.payloadEnd > segment.payloadStart || missing > 0;
      peer.handleAcknowledgment(acknowledgment, sends, mark);
    }
    own.handleSegment(segment.sequence, flags, segment.payload, missing, mark);
  }

  /** Nothing more will come of this connection. */
  finish(mark: Mark): void {
    this.streams[0].finish(mark);
    this.streams[1].finish(mark);
  }
}

function directed(handler: ConnectionHandler, direction: Direction): StreamHandler {
  return {
    onOpen: (mark) => handler.onOpen(direction, mark),
    onBytes: (bytes, mark) => handler.onBytes(direction, bytes, mark),
    onGap: (length, mark) => handler.onGap(direction, length, mark),
    onClose: (how, mark) => handler.onClose(direction, how, mark),
    onConflict: (offset, first, second) => handler.onConflict?.(direction, offset, first, second),
  };
}
