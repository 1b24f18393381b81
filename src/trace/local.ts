import type { CauseParams } from './diagnosis';
import type { Field, TraceError } from './model';

/** Why this side ended the attempt, where no byte on the wire tells: a code of the catalogue of causes and its parameters. */
export interface LocalCause {
  readonly code: string;
  readonly params: CauseParams;
}

/** Something this side did or found that never crossed the wire: a name looked up, a certificate refused, a wait that ran out. */
export interface LocalEvent {
  readonly kind: 'resolve' | 'connect' | 'certificate' | 'tls' | 'timeout' | 'cancelled' | 'note';
  /** Short name for the list: `Resolve name`, `Check certificate`, `Time-out`. */
  readonly message: string;
  readonly summary: string;
  readonly fields?: readonly Field[];
  /** Set when this ended the attempt. */
  readonly error?: TraceError;
  /** Beside `error`: absent where the bytes of the connection tell the cause, so that a capture of it has the same. */
  readonly cause?: LocalCause;
}
