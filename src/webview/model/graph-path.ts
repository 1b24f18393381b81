import type { GraphEdge, StateGraph } from '../../trace/graph';
import type { Step, Trace } from '../../trace/model';

export type Role = 'client' | 'server';

export interface PathEdge {
  readonly from: string;
  readonly to: string;
  /** Index of the step that took it last. */
  readonly step: number;
  readonly message: string;
  /** The graph has no such transition: what was seen is not what the protocol allows, or bytes are missing. */
  readonly unlisted: boolean;
}

/** What one role went through up to a step. */
export interface GraphPath {
  /** State → index of the step that entered it first; -1 for the state before the first step. */
  readonly visited: ReadonlyMap<string, number>;
  /** By {@link edgeKey}. */
  readonly taken: ReadonlyMap<string, PathEdge>;
  readonly current: string | null;
  /** The state in which a failed run ended, once the scrubber is there. */
  readonly failing: string | null;
  /** States whose step was marked as never shown by the real client. */
  readonly internal: ReadonlySet<string>;
}

export const edgeKey = (from: string, to: string): string => `${from}\u0000${to}`;

export const stateOf = (step: Step, role: Role): string =>
  role === 'client' ? step.clientState : step.serverState;

/**
 * Follows the steps from 0 to `upTo` (included) through the graph.
 *
 * @param upTo index of the chosen step; -1 for the state before the first one
 */
export function pathThrough(
  graph: StateGraph,
  trace: Pick<Trace, 'steps' | 'outcome'>,
  role: Role,
  upTo: number,
): GraphPath {
  const listed = new Set(
    graph.edges.filter((edge) => edge.role === role).map((edge) => edgeKey(edge.from, edge.to)),
  );
  const visited = new Map<string, number>();
  const taken = new Map<string, PathEdge>();
  const internal = new Set<string>();
  let current = graph.nodes.find((node) => node.role === role && node.kind === 'start')?.id ?? null;
  const last = Math.min(upTo, trace.steps.length - 1);
  if (current !== null) visited.set(current, -1);
  for (let at = 0; at <= last; at++) {
    const step = trace.steps[at];
    const state = stateOf(step, role);
    if (!visited.has(state)) visited.set(state, at);
    if (step.internal) internal.add(state);
    // A loop on the same state is only worth drawing where the table has one.
    const key = current === null ? '' : edgeKey(current, state);
    if (current !== null && (current !== state || (listed.has(key) && isLoop(graph, role, state, step)))) {
      const unlisted = !listed.has(key);
      taken.set(key, { from: current, to: state, step: at, message: step.message, unlisted });
    }
    current = state;
  }
  const over = trace.steps.length > 0 && last === trace.steps.length - 1;
  return { visited, taken, current, failing: over && trace.outcome === 'failed' ? current : null, internal };
}

function isLoop(graph: StateGraph, role: Role, state: string, step: Step): boolean {
  return graph.edges.some(
    (edge) => edge.role === role && edge.from === state && edge.to === state && edge.message === step.message,
  );
}

/**
 * The transitions that lead away from the start by the fewest messages, and for a state that has none of those, the ones that
 * do not lead back. Ways into a failed state are not among them.
 */
export function mainWays(graph: StateGraph, role: Role): Set<string> {
  const failed = new Set(graph.nodes.filter((node) => node.kind === 'failure').map((node) => node.id));
  const edges = graph.edges.filter(
    (edge) => edge.role === role && edge.from !== edge.to && !failed.has(edge.to) && !failed.has(edge.from),
  );
  const depth = new Map<string, number>();
  let reached = graph.nodes
    .filter((node) => node.role === role && node.kind === 'start')
    .map((node) => node.id);
  for (let level = 0; reached.length > 0; level++) {
    for (const id of reached) depth.set(id, level);
    reached = edges
      .filter((edge) => depth.get(edge.from) === level && !depth.has(edge.to))
      .map((edge) => edge.to);
  }
  const at = (id: string) => depth.get(id) ?? Number.POSITIVE_INFINITY;
  const ways = new Set<string>();
  const hasWay = new Set<string>();
  for (const edge of edges) {
    if (at(edge.to) !== at(edge.from) + 1) continue;
    ways.add(edgeKey(edge.from, edge.to));
    hasWay.add(edge.from);
  }
  const goals = new Set(graph.nodes.filter((node) => node.kind === 'success').map((node) => node.id));
  for (const edge of edges) {
    if (hasWay.has(edge.from) || goals.has(edge.from)) continue;
    if (goals.has(edge.to) || at(edge.to) >= at(edge.from)) ways.add(edgeKey(edge.from, edge.to));
  }
  return ways;
}

/** Of the arrows, those that were taken and those that could have been taken from a visited state instead. */
export function nearEdges(edges: readonly DrawnEdge[], path: GraphPath): DrawnEdge[] {
  return edges.filter(
    (edge) => edge.taken !== null || (path.visited.has(edge.from) && !path.visited.has(edge.to)),
  );
}

/** One arrow of the drawing: all transitions between the same two states together. */
export interface DrawnEdge {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly messages: readonly string[];
  readonly taken: PathEdge | null;
}

/**
 * The arrows to draw for one role: all of them, or those that were taken and the main ways.
 *
 * A table of transitions has more ways than a reader can follow at once: nearly every state can fail, many can begin again.
 */
export function drawnEdges(graph: StateGraph, role: Role, path: GraphPath, all: boolean): DrawnEdge[] {
  const main = mainWays(graph, role);
  const groups = new Map<string, GraphEdge[]>();
  for (const edge of graph.edges) {
    if (edge.role !== role) continue;
    const key = edgeKey(edge.from, edge.to);
    const group = groups.get(key);
    if (group) group.push(edge);
    else groups.set(key, [edge]);
  }
  const drawn: DrawnEdge[] = [];
  for (const [key, group] of groups) {
    const { from, to } = group[0];
    const taken = path.taken.get(key) ?? null;
    if (!taken && !all && !main.has(key)) continue;
    drawn.push({ key, from, to, messages: [...new Set(group.map((edge) => edge.message))], taken });
  }
  for (const [key, edge] of path.taken) {
    if (edge.unlisted)
      drawn.push({ key, from: edge.from, to: edge.to, messages: [edge.message], taken: edge });
  }
  return drawn;
}
