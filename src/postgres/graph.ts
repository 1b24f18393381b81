import type { GraphEdge, GraphNode, StateGraph } from '../trace/graph';
import { type Phase, phaseInfo } from './phases';
import { CLIENT_STATES, SERVER_STATES } from './states';
import { TRANSITIONS } from './transitions';

/** The picture of both roles, made from the transition table: a state without a row is not in it. */
export function stateGraph(): StateGraph {
  const edges: GraphEdge[] = [];
  const seen = new Set<string>();
  for (const known of TRANSITIONS) {
    for (const from of known.in) {
      add('client', from, known.to, known.message, known.from);
      add('server', from, known.to, known.message, known.from);
    }
  }

  function add(
    role: 'client' | 'server',
    from: Phase,
    to: Phase,
    message: string,
    by: GraphEdge['by'],
  ): void {
    const edge = { role, from: phaseInfo(from)[role], to: phaseInfo(to)[role], message, by };
    // A message that changes only the other role's state is not an edge of this one.
    if (edge.from === edge.to) return;
    const key = `${role} ${edge.from} ${edge.to} ${message} ${by}`;
    if (seen.has(key)) return;
    seen.add(key);
    edges.push(edge);
  }

  return { protocol: 'postgres', nodes: nodes(edges), edges };
}

function nodes(edges: readonly GraphEdge[]): GraphNode[] {
  const used = new Set(edges.flatMap((edge) => [`${edge.role} ${edge.from}`, `${edge.role} ${edge.to}`]));
  const all: GraphNode[] = [
    ...Object.entries(CLIENT_STATES).map(([id, info]) => ({ id, role: 'client' as const, ...info })),
    ...Object.entries(SERVER_STATES).map(([id, info]) => ({ id, role: 'server' as const, ...info })),
  ];
  return all.filter((node) => used.has(`${node.role} ${node.id}`));
}
