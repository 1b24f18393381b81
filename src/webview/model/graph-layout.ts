import { Graph, layout } from '@dagrejs/dagre';
import type { StateGraph } from '../../trace/graph';
import type { Step } from '../../trace/model';
import { type DrawnEdge, type Role, stateOf } from './graph-path';
import { splitState } from './text';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedNode {
  readonly id: string;
  readonly label: string;
  /** Centre and size in drawing units (CSS pixels at zoom 1). */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedEdge {
  readonly key: string;
  readonly points: readonly Point[];
}

export interface Drawing {
  /** Left upper corner. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

/** Width of a character of the node's label, and what is around it. */
const CHAR = 6.4;
const PADDING = 18;
const HEIGHT = 24;
const MARGIN = 8;

/** States to draw for a role: those that an arrow touches, and those that the steps name. */
export function statesOf(
  graph: StateGraph,
  role: Role,
  steps: readonly Step[],
  edges: readonly DrawnEdge[],
): string[] {
  const touched = new Set(edges.flatMap((edge) => [edge.from, edge.to]));
  const ids = graph.nodes
    .filter((node) => node.role === role && (touched.has(node.id) || node.kind === 'start'))
    .map((node) => node.id);
  return [...new Set([...ids, ...steps.map((step) => stateOf(step, role))])];
}

/** Places states and arrows, from top to bottom. Self-loops are left to the drawing: they need no room of their own. */
export function placeGraph(states: readonly string[], edges: readonly DrawnEdge[]): Drawing {
  const dagre = new Graph({ directed: true, multigraph: true });
  dagre.setGraph({ rankdir: 'TB', nodesep: 14, ranksep: 26, edgesep: 8 });
  dagre.setDefaultEdgeLabel(() => ({}));
  for (const id of states) {
    const label = splitState(id).rest;
    dagre.setNode(id, { label, width: Math.max(48, label.length * CHAR + PADDING), height: HEIGHT });
  }
  for (const edge of edges) {
    if (edge.from === edge.to || !dagre.hasNode(edge.from) || !dagre.hasNode(edge.to)) continue;
    // The path taken is the spine of the drawing: dagre keeps heavy edges short and straight.
    dagre.setEdge(edge.from, edge.to, { weight: edge.taken ? 6 : 1 }, edge.key);
  }
  layout(dagre);
  const nodes = dagre.nodes().map((id) => {
    const { x, y, width, height, label } = dagre.node(id);
    return { id, label: label ?? id, x: x ?? 0, y: y ?? 0, width, height };
  });
  const drawn = dagre
    .edges()
    .map((edge) => ({ key: edge.name ?? '', points: dagre.edge(edge).points ?? [] }));
  return { nodes, edges: drawn, ...bounds(nodes, drawn) };
}

/** The box around everything: dagre's own size leaves out arrows that pass beside the outermost states. */
function bounds(
  nodes: readonly PlacedNode[],
  edges: readonly PlacedEdge[],
): Omit<Drawing, 'nodes' | 'edges'> {
  const points = edges.flatMap((edge) => edge.points);
  const xs = [
    ...nodes.flatMap((node) => [node.x - node.width / 2, node.x + node.width / 2]),
    ...points.map(({ x }) => x),
  ];
  const ys = [
    ...nodes.flatMap((node) => [node.y - node.height / 2, node.y + node.height / 2]),
    ...points.map(({ y }) => y),
  ];
  if (xs.length === 0) return { x: 0, y: 0, width: 0, height: 0 };
  const x = Math.min(...xs) - MARGIN;
  const y = Math.min(...ys) - MARGIN;
  return { x, y, width: Math.max(...xs) + MARGIN - x, height: Math.max(...ys) + MARGIN - y };
}

/** An SVG path that bends softly through the points: quadratic curves around each inner one. */
export function curve(points: readonly Point[]): string {
  if (points.length < 2) return '';
  const at = (point: Point) => `${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
  let path = `M${at(points[0])}`;
  for (let i = 1; i < points.length - 1; i++) {
    const middle = {
      x: (points[i].x + points[i + 1].x) / 2,
      y: (points[i].y + points[i + 1].y) / 2,
    };
    path += `Q${at(points[i])} ${at(i === points.length - 2 ? points[i + 1] : middle)}`;
  }
  if (points.length === 2) path += `L${at(points[1])}`;
  return path;
}
