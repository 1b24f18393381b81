import { otherSide, type Side } from '../../../src/base/mark';
import { buildPacket, MAX_PAYLOAD } from '../../../src/network/packet-builder';
import { ACK, FIN, PSH, RST, SYN } from '../../../src/network/segment';

export interface BuilderEndpoint {
  readonly address: string;
  readonly port: number;
}

/**
 * Makes the packets of one TCP connection, keeping both sides' sequence numbers. Each call gives the packets it caused, in order.
 */
export class ConversationBuilder {
  readonly #endpoints: Readonly<Record<Side, BuilderEndpoint>>;
  readonly #next: Record<Side, number>;
  readonly #maxPayload: number;

  /**
   * @param initial first sequence number of each side; any value will do.
   * @param maxPayload bytes of payload in one packet.
   */
  constructor(
    client: BuilderEndpoint,
    server: BuilderEndpoint,
    initial: Readonly<Record<Side, number>> = { client: 1000, server: 5000 },
    maxPayload = MAX_PAYLOAD,
  ) {
    this.#endpoints = { client, server };
    this.#next = { ...initial };
    this.#maxPayload = Math.max(1, Math.min(maxPayload, MAX_PAYLOAD));
  }

  /** The client's SYN. */
  connect(): Uint8Array[] {
    return [this.#packet('client', SYN, undefined, 1)];
  }

  /** The server's SYN+ACK and the client's ACK. */
  accept(): Uint8Array[] {
    return [this.#packet('server', SYN | ACK, undefined, 1), this.#packet('client', ACK)];
  }

  /** The server's refusal of a SYN. */
  refuse(): Uint8Array[] {
    return [this.#packet('server', RST | ACK)];
  }

  /** Bytes one side sends; no acknowledgment of their own. */
  data(from: Side, bytes: Uint8Array): Uint8Array[] {
    const packets: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += this.#maxPayload) {
      packets.push(this.#packet(from, PSH | ACK, bytes.subarray(at, at + this.#maxPayload)));
    }
    return packets;
  }

  /** An acknowledgment without data of all the other side sent. */
  acknowledge(from: Side): Uint8Array[] {
    return [this.#packet(from, ACK)];
  }

  /** One side ends its half, or resets the connection. */
  close(from: Side, how: 'fin' | 'rst'): Uint8Array[] {
    return [how === 'fin' ? this.#packet(from, FIN | ACK, undefined, 1) : this.#packet(from, RST | ACK)];
  }

  /** @param extra sequence numbers taken beside the payload: one for SYN or FIN. */
  #packet(from: Side, flags: number, payload?: Uint8Array, extra = 0): Uint8Array {
    const to = otherSide(from);
    const packet = buildPacket({
      source: this.#endpoints[from],
      destination: this.#endpoints[to],
      sequence: this.#next[from] >>> 0,
      acknowledgment: (flags & ACK) === 0 ? 0 : this.#next[to] >>> 0,
      flags,
      payload,
    });
    this.#next[from] = (this.#next[from] + (payload?.length ?? 0) + extra) >>> 0;
    return packet;
  }
}
