/** What the rules that both protocols share read. */
import type { Side } from '../base/mark';
import type { TraceBuilder } from '../trace/builder';
import type { LocalCause } from '../trace/local';
import { endpointText } from '../trace/places';
import type { WireEvidence } from './wire';

export interface ConnectionFacts {
  readonly product: 'PostgreSQL' | 'MongoDB';
  readonly trace: TraceBuilder;
  readonly wire: WireEvidence;
  /** TLS was established, as far as can be seen. */
  readonly established: boolean;
  /** Whole messages of the protocol that were read, by sender; inside TLS those that could be opened. */
  readonly messages: Readonly<Record<Side, number>>;
  /**
   * The capture lacks bytes of this connection, its beginning or a direction: no rule may then conclude from what was not seen. Null
   * when it lacks nothing.
   */
  readonly missing: Missing | null;
  /** Why a Connect Test itself ended the attempt, where its bytes do not tell; null in captures. */
  readonly local: LocalCause | null;
}

/** What a capture lacks of a connection. */
export interface Missing {
  readonly kind: 'bytes' | 'beginning' | 'direction';
  /** Whose bytes or packets are not there. */
  readonly whose: Side | 'both';
}

/** `host:port`, IPv6 in brackets. */
export function serverName({ trace }: Pick<ConnectionFacts, 'trace'>): string {
  return endpointText(trace.server);
}
