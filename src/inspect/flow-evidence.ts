import type { Mark } from '../base/mark';
import type { SideEvidence, WireEvidence } from '../diagnosis/wire';
import type { TcpConnection } from '../network/connection';
import type { Direction } from '../network/flow-table';
import type { IcmpError } from '../network/icmp';
import { other } from './probe';

/** What a flow knows besides what its bytes said. */
export interface FlowNotes {
  readonly tcp: TcpConnection;
  /** The direction in which the client talks. */
  readonly client: Direction;
  /** The first and last packet of the flow. */
  readonly start: Mark | null;
  readonly end: Mark | null;
  readonly captureEnd: Mark;
  /** An ICMP error that quotes a packet of that direction. */
  readonly icmp:
    | { readonly direction: Direction; readonly error: IcmpError; readonly mark: Mark }
    | undefined;
}

/** Adds to the evidence what only TCP's numbers and the rest of the capture tell, when nothing more of the flow is wanted. */
export function fillWire(wire: WireEvidence, { tcp, client, start, end, captureEnd, icmp }: FlowNotes): void {
  fillSide(wire.client, tcp, client);
  fillSide(wire.server, tcp, other(client));
  wire.late = tcp.late;
  wire.crossed = tcp.crossed;
  wire.start = start ?? wire.start;
  wire.end = end ?? wire.end;
  wire.captureEnd = captureEnd;
  if (icmp) {
    const { kind, tooBig, from, mtu } = icmp.error;
    const about = icmp.direction === client ? 'client' : 'server';
    wire.icmp = { about, kind, tooBig, from, mtu, mark: icmp.mark };
  }
}

function fillSide(side: SideEvidence, tcp: TcpConnection, direction: Direction): void {
  const { syns, resent, cut, acknowledged, unacknowledged, copies, largestLost, hole } =
    tcp.streams[direction];
  side.syns = syns;
  side.resent = resent;
  side.cut = cut;
  side.acknowledged = acknowledged;
  side.unacknowledged = unacknowledged;
  side.timesSent = unacknowledged > 0 ? copies : 0;
  side.largestLost = unacknowledged > 0 ? largestLost : 0;
  side.hole = hole;
  side.unheard = tcp.isUnheard(direction);
}
