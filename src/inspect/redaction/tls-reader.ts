import type { Allowed } from './allowed';

/** Goes through a message of TLS whose lengths stay. What it does not name stays zeros. */
export class TlsReader {
  constructor(
    readonly out: Allowed,
    public at: number,
    readonly end: number,
  ) {}

  get left(): number {
    return Math.max(0, this.end - this.at);
  }

  /** The next bytes stay. */
  keep(length: number): void {
    this.out.keep(this.at, Math.min(this.at + length, this.end));
    this.at += length;
  }

  /** The next bytes are looked for in the result, and are zeros. */
  zeros(length: number): void {
    this.out.zeros(this.at, Math.min(this.at + length, this.end));
    this.at += length;
  }

  /** A length of `width` bytes that stays. @returns a reader of what it counts, which this one passes over. */
  vector(width: 1 | 2 | 3): TlsReader {
    const { source } = this.out;
    let length = 0;
    for (let i = 0; i < width; i++) length = length * 256 + (source[this.at + i] ?? 0);
    this.keep(width);
    const inner = new TlsReader(this.out, this.at, Math.min(this.at + length, this.end));
    this.at += length;
    return inner;
  }

  /** Numbers of two bytes: those of `known` stay, others become one that everybody passes over (GREASE, RFC 8701). */
  numbers(known: (value: number) => boolean): void {
    for (; this.left >= 2; this.at += 2) {
      const value = (this.out.source[this.at] << 8) | this.out.source[this.at + 1];
      if (known(value)) this.out.keep(this.at, this.at + 2);
      else this.out.bytes.fill(GREASE, this.at, this.at + 2);
    }
  }

  /** Bytes that stay up to a value. */
  small(most: number): void {
    for (; this.left >= 1; this.at++)
      if (this.out.source[this.at] <= most) this.out.keep(this.at, this.at + 1);
  }
}

const GREASE = 0x0a;
