import type { Side } from '../base/mark';
import { HandshakeReader } from './handshake';
import { Opener } from './opener';
import { RecordReader } from './record';

/** What a session keeps for one direction. */
export class Half {
  readonly reader = new RecordReader();
  readonly handshake = new HandshakeReader();
  readonly opener = new Opener();
  /** Records are protected from now on: after ChangeCipherSpec, in TLS 1.3 after the ServerHello. */
  sealed = false;
  /** Its Finished was seen, or a sealed message that must be it. */
  finished = false;
  /** Application data came. */
  data = false;
  /** Sealed records that could not be opened and count as handshake. */
  sealedHandshakes = 0;
  /** {@link RecordReader.broken} was reported. */
  reported = false;

  constructor(readonly side: Side) {}
}
