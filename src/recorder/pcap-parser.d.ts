/** The package has no types of its own; this is the part of its README that is used. */
declare module 'pcap-parser' {
  /** What `parse` needs of a stream. */
  interface Source extends NodeJS.EventEmitter {
    pause(): unknown;
    resume(): unknown;
  }

  interface GlobalHeader {
    readonly linkLayerType: number;
  }

  interface PacketHeader {
    readonly timestampSeconds: number;
    readonly timestampMicroseconds: number;
    readonly capturedLength: number;
    readonly originalLength: number;
  }

  interface Parser {
    on(event: 'globalHeader', listener: (header: GlobalHeader) => void): this;
    on(event: 'packetHeader', listener: (header: PacketHeader) => void): this;
    on(event: 'packet', listener: (packet: { header: PacketHeader; data: Buffer }) => void): this;
    on(event: 'end', listener: () => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
  }

  export function parse(source: Source): Parser;
}
