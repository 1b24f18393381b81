import { utf8Bytes } from '../../src/base/bytes';
import { buildPacket } from '../../src/network/packet-builder';
import { ACK, FIN, PSH, SYN } from '../../src/network/segment';

const MSS = 1448;

interface Service {
  readonly port: number;
  /** What the client says first; empty where the server does. */
  readonly request: Uint8Array;
  readonly answer: Uint8Array;
}

/** The beginnings of what else crosses a network; what follows is bulk data. */
const SERVICES: readonly Service[] = [
  {
    port: 80,
    request: utf8Bytes('GET /report HTTP/1.1\r\nHost: app.example\r\nAccept: */*\r\n\r\n'),
    answer: utf8Bytes(
      'HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 90000\r\n\r\n',
    ),
  },
  {
    port: 6379,
    request: utf8Bytes('*2\r\n$3\r\nGET\r\n$7\r\nsession\r\n'),
    answer: utf8Bytes('$90000\r\n'),
  },
  { port: 22, request: utf8Bytes('SSH-2.0-client_1.0\r\n'), answer: utf8Bytes('SSH-2.0-server_1.0\r\n') },
  // TLS whose beginning was not captured: application data records.
  {
    port: 443,
    request: Uint8Array.of(0x17, 3, 3, 0, 4, 9, 8, 7, 6),
    answer: Uint8Array.of(0x17, 3, 3, 0x40, 0, 1, 2, 3),
  },
];

/** Traffic that is neither PostgreSQL nor MongoDB: many connections at once, short requests and full-sized bulk data. */
export class Foreign {
  readonly #active: Iterator<Uint8Array>[] = [];
  readonly #bulk = Uint8Array.from({ length: MSS }, (_, i) => (i * 31 + 7) & 0xff);
  #started = 0;
  #turn = 0;

  next(): Uint8Array {
    for (;;) {
      while (this.#active.length < 500) this.#active.push(this.#connection(this.#started++));
      // A step prime to the number of connections visits them in a scattered order, as real traffic does.
      this.#turn = (this.#turn + 211) % this.#active.length;
      const next = this.#active[this.#turn].next();
      if (!next.done) return next.value;
      this.#active[this.#turn] = this.#connection(this.#started++);
    }
  }

  *#connection(number: number): Generator<Uint8Array> {
    const service = SERVICES[number % SERVICES.length];
    const ends = [
      {
        address: `10.${64 + ((number >> 16) & 63)}.${(number >> 8) & 255}.${number & 255}`,
        port: 32_768 + (number % 28_000),
      },
      { address: `198.51.100.${1 + (number % 50)}`, port: service.port },
    ];
    const next = [number * 31, number * 17];
    const packet = (from: 0 | 1, flags: number, payload?: Uint8Array) => {
      const built = buildPacket({
        source: ends[from],
        destination: ends[1 - from],
        sequence: next[from] >>> 0,
        acknowledgment: (flags & ACK) === 0 ? 0 : next[1 - from] >>> 0,
        flags,
        payload,
      });
      next[from] += (payload?.length ?? 0) + ((flags & (SYN | FIN)) === 0 ? 0 : 1);
      return built;
    };
    if (service.port !== 443) {
      yield packet(0, SYN);
      yield packet(1, SYN | ACK);
      yield packet(0, ACK);
    }
    // From short calls to long downloads.
    const requests = 1 + (number % 3);
    const bulk = 4 + ((number * 7) % 60);
    for (let i = 0; i < requests; i++) {
      yield packet(0, ACK | PSH, service.request);
      yield packet(1, ACK | PSH, service.answer);
      for (let sent = 0; sent < bulk; sent++) {
        yield packet(1, ACK, this.#bulk);
        yield packet(0, ACK);
      }
    }
    yield packet(0, ACK | FIN);
    yield packet(1, ACK | FIN);
    yield packet(0, ACK);
  }
}
