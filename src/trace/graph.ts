import type { Protocol } from './model';

/** One state of one role, as the panel draws it. */
export interface GraphNode {
  /** The value of `Step.clientState` or `Step.serverState`. */
  readonly id: string;
  readonly role: 'client' | 'server';
  /** What this state waits for or does, one sentence. */
  readonly description: string;
  /** The function of libpq, the backend, the driver or mongos that it mirrors. */
  readonly source: string;
  readonly kind: 'start' | 'normal' | 'internal' | 'success' | 'failure';
}

export interface GraphEdge {
  readonly role: 'client' | 'server';
  readonly from: string;
  readonly to: string;
  /** The message or event that causes it. */
  readonly message: string;
  readonly by: 'client' | 'server' | 'local';
}

/** What the panel draws: made from the protocol's transition table, never by hand. */
export interface StateGraph {
  readonly protocol: Protocol;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}
