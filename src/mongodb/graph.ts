import type { GraphEdge, GraphNode, StateGraph } from '../trace/graph';
import { CLIENT_STATES, SERVER_STATES } from './state-descriptions';
import { PHASES, TRANSITIONS } from './transitions';

/** The graph of the transition table: a node per state of each role, an edge per way between two different ones. */
export function stateGraph(): StateGraph {
  const nodes: GraphNode[] = [];
  const edges = new Map<string, GraphEdge>();
  for (const role of ['client', 'server'] as const) {
    const states = role === 'client' ? CLIENT_STATES : SERVER_STATES;
    for (const [id, description] of Object.entries(states)) nodes.push({ id, role, ...description });
    for (const transition of TRANSITIONS) {
      const from = PHASES[transition.from][role];
      const to = PHASES[transition.to][role];
      if (from === to) continue;
      const { event: message, by } = transition;
      edges.set(`${role} ${from} ${to} ${message}`, { role, from, to, message, by });
    }
  }
  return { protocol: 'mongodb', nodes, edges: [...edges.values()] };
}
