import type { Field, TraceError } from './model';

/** Something this side did or found that never crossed the wire: a name looked up, a certificate refused, a wait that ran out. */
export interface LocalEvent {
  readonly kind: 'resolve' | 'connect' | 'certificate' | 'tls' | 'timeout' | 'cancelled' | 'note';
  /** Short name for the list: `Resolve name`, `Check certificate`, `Time-out`. */
  readonly message: string;
  readonly summary: string;
  readonly fields?: readonly Field[];
  /** Set when this ended the attempt. */
  readonly error?: TraceError;
}
