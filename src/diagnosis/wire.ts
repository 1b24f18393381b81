/** What crossed the wire, below and apart from what it said: the evidence that both protocols share. */
import { keptCopyOf } from '../base/arena';
import { concat } from '../base/bytes';
import { type Mark, millisBetween, type Side } from '../base/mark';
import type { TlsEvidence } from '../tls/evidence';

/** One FIN or RST. */
export interface CloseEvidence {
  readonly from: Side;
  readonly how: 'fin' | 'rst';
  readonly mark: Mark;
  /** Alerts, and records that no key opened, that `TlsEvidence` held when it came: in the order of the streams, not of the capture. */
  readonly alertsBefore: number;
  readonly sealedBefore: number;
}

/** What one side sent, as TCP shows it. */
export interface SideEvidence {
  /** SYNs (of the client) or SYN+ACKs (of the server) seen, copies included. */
  syns: number;
  /** Payload bytes seen, in order and once. */
  bytes: number;
  /** Bytes known to have been sent that the capture does not have, those of {@link hole} included once later bytes were given out. */
  missing: number;
  /** What it said first is among the missing bytes: `head` is from the middle. */
  beheaded: boolean;
  /** Those of them that a snap length cut off. */
  cut: number;
  /** Its first bytes on the wire, at most {@link HEAD}. */
  head: Uint8Array;
  /** Its first bytes inside TLS, where they could be opened and nothing is missing before them. */
  inside: Uint8Array;
  /** When its first and its last payload bytes came; null before. */
  first: Mark | null;
  last: Mark | null;
  /** Segments whose bytes had been sent before. */
  resent: number;
  /** The other side has acknowledged something of it, be it only the SYN, and be that not in the capture. */
  acknowledged: boolean;
  /** Bytes at the end of what it sent that the other side never acknowledged; 0 where nothing says so. */
  unacknowledged: number;
  /** How often the first of the bytes that were never acknowledged was sent. */
  timesSent: number;
  /** Largest payload of a segment of the bytes that were never acknowledged. */
  largestLost: number;
  /**
   * Bytes in the middle that neither the capture nor the other side has, as its acknowledgments show, though later ones came: lost on
   * their way before the place of the capture.
   */
  hole: number;
  /** There is no packet of this side at all, though the other shows that it was there. */
  unheard: boolean;
}

/** An ICMP message that quotes a packet of the connection. */
export interface IcmpEvidence {
  /** Whose packet is quoted: the one that did not get through. */
  readonly about: Side;
  /** `port unreachable`, `host unreachable`, `communication administratively prohibited`, `fragmentation needed`, … (`network/icmp.ts`). */
  readonly kind: string;
  /** A packet was too big to be passed on. */
  readonly tooBig: boolean;
  /** Address of who sent it. */
  readonly from: string;
  /** The largest packet that fits, where one was too big; 0 where it is not told. */
  readonly mtu: number;
  readonly mark: Mark;
}

/** What stands before the protocol's own first bytes. */
export interface ProxyHeader {
  readonly version: 1 | 2;
  /** `TCP4 192.0.2.1 → 192.0.2.2`, or `LOCAL`/`UNKNOWN`. */
  readonly about: string;
  readonly bytes: number;
}

/** Everything below the protocol; plain data. */
export interface WireEvidence {
  readonly client: SideEvidence;
  readonly server: SideEvidence;
  /** Who sent the last payload bytes. */
  lastSpoke: Side | null;
  /** In order, at most four. */
  readonly closes: CloseEvidence[];
  /** The first and last packet of this connection. */
  start: Mark | null;
  end: Mark | null;
  /**
   * The last packet of the whole capture, of whatever connection: whether the capture went on. Null where that is not known. Of a connection
   * whose end was seen it is the packet that ended it.
   */
  captureEnd: Mark | null;
  /** Both sides ended it at once: the order of {@link closes} says nothing. */
  crossed: boolean;
  /** The beginning of the connection is not in the capture. */
  late: boolean;
  /** Null while there is no TLS. */
  tls: TlsEvidence | null;
  proxy: ProxyHeader | null;
  icmp: IcmpEvidence | null;
}

/** Bytes kept at most of the beginning of what a side said: enough to tell what is spoken, and for a line to quote. */
export const HEAD = 64;
/** As soon as there are so many nothing is added: what tells services apart is in their first packet. */
const ENOUGH = 16;

const NOTHING = new Uint8Array(0);

function nothingOf(): SideEvidence {
  return {
    syns: 0,
    bytes: 0,
    missing: 0,
    beheaded: false,
    cut: 0,
    head: NOTHING,
    inside: NOTHING,
    first: null,
    last: null,
    resent: 0,
    acknowledged: false,
    unacknowledged: 0,
    timesSent: 0,
    largestLost: 0,
    hole: 0,
    unheard: false,
  };
}

export function noWireEvidence(): WireEvidence {
  return {
    client: nothingOf(),
    server: nothingOf(),
    lastSpoke: null,
    closes: [],
    start: null,
    end: null,
    captureEnd: null,
    crossed: false,
    late: false,
    tls: null,
    proxy: null,
    icmp: null,
  };
}

/** FINs and RSTs kept. */
const MAX_CLOSES = 4;

/** Collects {@link WireEvidence} as a conversation goes on: a few numbers a side, no allocation for a packet. */
export class WireLog {
  readonly evidence: WireEvidence = noWireEvidence();

  handleOpen(from: Side, mark: Mark): void {
    this.evidence[from].syns++;
    this.#touch(mark);
  }

  handleBytes(from: Side, bytes: Uint8Array, mark: Mark): void {
    const side = this.evidence[from];
    side.bytes += bytes.length;
    if (side.head.length < ENOUGH && (side.missing === 0 || side.beheaded))
      side.head = joined(side.head, bytes);
    this.#touch(mark);
    if (this.#isTooLate(from, mark)) return;
    side.first ??= mark;
    side.last = mark;
    this.evidence.lastSpoke = from;
  }

  /** Bytes that a key opened. */
  handleInside(from: Side, bytes: Uint8Array): void {
    const side = this.evidence[from];
    // Behind a gap they are from the middle.
    if (side.inside.length < ENOUGH && side.missing === 0) side.inside = joined(side.inside, bytes);
  }

  handleGap(from: Side, length: number, mark: Mark): void {
    if (this.evidence[from].bytes === 0) this.evidence[from].beheaded = true;
    this.evidence[from].missing += length;
    this.#touch(mark);
  }

  handleClose(from: Side, how: 'fin' | 'rst', mark: Mark): void {
    const { closes, tls } = this.evidence;
    const [alertsBefore, sealedBefore] = [tls?.alerts.length ?? 0, tls?.sealed.length ?? 0];
    if (closes.length < MAX_CLOSES) closes.push({ from, how, mark, alertsBefore, sealedBefore });
    this.#touch(mark);
  }

  /** The other side had left by then: what is said to nobody is not what it left for. Packets captured in another order are in time. */
  #isTooLate(from: Side, mark: Mark): boolean {
    const close = this.evidence.closes.find((known) => known.from !== from);
    return close !== undefined && millisBetween(close.mark, mark) >= 0;
  }

  #touch(mark: Mark): void {
    this.evidence.start ??= mark;
    this.evidence.end = mark;
  }
}

function joined(head: Uint8Array, bytes: Uint8Array): Uint8Array {
  return head.length === 0
    ? keptCopyOf(bytes, Math.min(bytes.length, HEAD))
    : concat(head, bytes.subarray(0, HEAD - head.length));
}
