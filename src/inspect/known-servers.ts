/** Which servers are known to be PostgreSQL or MongoDB, whatever a connection to them says. */
import type { Protocol } from '../trace/model';

/** Ports that stand in for content where there is none to see: inside TLS, and on a connection that came to nothing. */
export const PORTS: Readonly<Record<Protocol, readonly number[]>> = {
  mongodb: [27017, 27018, 27019],
  postgres: [5432],
};

/** The user's word on what is spoken on a port. */
export type DecodeAs = ReadonlyMap<number, Protocol>;

/**
 * Reads `PORT=postgres` or `PORT=mongodb`, as often as it was given.
 *
 * @returns the ports, or a sentence about the first that makes no sense.
 */
export function parseDecodeAs(rows: readonly string[]): DecodeAs | string {
  const ports = new Map<number, Protocol>();
  for (const row of rows) {
    const match = /^(\d{1,5})=([a-z]+)$/.exec(row.trim().toLowerCase());
    const port = Number(match?.[1]);
    if (!match || port < 1 || port > 65_535)
      return 'Expected PORT=postgres or PORT=mongodb, such as 10255=mongodb.';
    const protocol = NAMES[match[2]];
    if (protocol === undefined)
      return `Nothing here decodes "${match[2]}": use ${port}=postgres or ${port}=mongodb.`;
    const before = ports.get(port);
    if (before !== undefined && before !== protocol)
      return `Port ${port} cannot be both ${before} and ${protocol}.`;
    ports.set(port, protocol);
  }
  return ports;
}

/** What people call the protocols. */
const NAMES: Readonly<Record<string, Protocol>> = {
  postgres: 'postgres',
  postgresql: 'postgres',
  pgsql: 'postgres',
  mongodb: 'mongodb',
  mongo: 'mongodb',
};

/** Servers learned; a capture has a few, one made to fill the memory has more. */
const MAX_LEARNED = 10_000;

/**
 * A server is known by its port, by what the user said of the port, or because a connection to the same address and port has shown what
 * is spoken there.
 */
export class KnownServers {
  readonly #byPort = new Map<number, Protocol>();
  readonly #learned = new Map<string, Protocol>();
  readonly #learnedPorts = new Set<number>();

  constructor(decodeAs: DecodeAs = new Map()) {
    for (const protocol of Object.keys(PORTS) as Protocol[]) {
      for (const port of PORTS[protocol]) this.#byPort.set(port, protocol);
    }
    for (const [port, protocol] of decodeAs) this.#byPort.set(port, protocol);
  }

  /** What is spoken on a port as such. */
  ofPort(port: number): Protocol | undefined {
    return this.#byPort.get(port);
  }

  /** Whether some server on this port may be known; a quick look before an address is written out. */
  mayKnow(port: number): boolean {
    return this.#byPort.has(port) || this.#learnedPorts.has(port);
  }

  of(address: string, port: number): Protocol | undefined {
    const byPort = this.#byPort.get(port);
    if (byPort !== undefined || !this.#learnedPorts.has(port)) return byPort;
    return this.#learned.get(`${address} ${port}`);
  }

  /** A connection has shown what this server speaks. @returns whether that is news. */
  learn(address: string, port: number, protocol: Protocol): boolean {
    if (this.#byPort.has(port)) return false;
    const key = `${address} ${port}`;
    if (this.#learned.has(key) || this.#learned.size >= MAX_LEARNED) return false;
    this.#learned.set(key, protocol);
    this.#learnedPorts.add(port);
    return true;
  }

  /** It answered as something else: what its client said was a mistake about the server. */
  forget(address: string, port: number): void {
    this.#learned.delete(`${address} ${port}`);
  }
}
