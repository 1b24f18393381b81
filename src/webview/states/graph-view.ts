import { LitElement, nothing, type PropertyValues } from 'lit';
import type { StateGraph } from '../../trace/graph';
import type { Outcome, Step } from '../../trace/model';
import { curve, type Drawing, type PlacedNode, placeGraph, statesOf } from '../model/graph-layout';
import {
  type DrawnEdge,
  drawnEdges,
  type GraphPath,
  nearEdges,
  pathThrough,
  type Role,
} from '../model/graph-path';
import { oneLine } from '../model/text';
import { html, svg } from '../shared/html';
import { graphStyles } from './graph-styles';

/** Scale below which the states' names are no longer readable. */
const SMALLEST = 0.72;

const NO_PATH: GraphPath = {
  visited: new Map(),
  taken: new Map(),
  current: null,
  failing: null,
  internal: new Set(),
};

/** The state graph of one role, with the path that the steps took through it. */
export class GraphView extends LitElement {
  static override properties = {
    graph: { attribute: false },
    steps: { attribute: false },
    outcome: { attribute: false },
    step: { attribute: false },
    role_: { attribute: false },
    all: { attribute: false },
    width: { state: true },
  };
  static override styles = graphStyles;
  declare graph: StateGraph | null;
  declare steps: readonly Step[];
  declare outcome: Outcome;
  declare step: number;
  /** Whose states; `role` itself is an ARIA attribute of every element. */
  declare role_: Role;
  declare all: boolean;
  declare width: number;
  #drawing: Drawing = { x: 0, y: 0, width: 0, height: 0, nodes: [], edges: [] };
  #placed = { content: '', drawing: this.#drawing };
  #whole: GraphPath = NO_PATH;
  #edges: DrawnEdge[] = [];
  readonly #resize = new ResizeObserver(([entry]) => {
    this.width = entry.contentRect.width;
  });

  constructor() {
    super();
    this.graph = null;
    this.steps = [];
    this.outcome = 'incomplete';
    this.step = -1;
    this.role_ = 'client';
    this.all = false;
    this.width = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resize.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize.disconnect();
  }

  protected override willUpdate(changed: PropertyValues): void {
    const { graph } = this;
    const causes = ['graph', 'steps', 'outcome', 'role_', 'all', 'width'];
    if (!graph || !causes.some((name) => changed.has(name))) return;
    // Placed for the whole run: moving the scrubber must not move the states.
    const trace = { steps: this.steps, outcome: this.outcome };
    this.#whole = pathThrough(graph, trace, this.role_, this.steps.length - 1);
    this.#edges = drawnEdges(graph, this.role_, this.#whole, this.all);
    this.#place(graph);
    if (this.all || this.#whole.taken.size === 0 || this.width / this.#drawing.width >= SMALLEST) return;
    // Too wide for the panel: what is not next to the path is left out.
    this.#edges = nearEdges(this.#edges, this.#whole);
    this.#place(graph);
  }

  #place(graph: StateGraph): void {
    const states = statesOf(graph, this.role_, this.steps, this.#edges);
    // While a test runs, most steps change nothing that has a place.
    const content = [...states, ...this.#edges.map((edge) => `${edge.key} ${edge.taken !== null}`)].join(
      '\n',
    );
    if (content === this.#placed.content) this.#drawing = this.#placed.drawing;
    else {
      this.#drawing = placeGraph(states, this.#edges);
      this.#placed = { content, drawing: this.#drawing };
    }
  }

  override render() {
    const { graph } = this;
    if (!graph) return nothing;
    const path = pathThrough(graph, { steps: this.steps, outcome: this.outcome }, this.role_, this.step);
    const { x, y, width, height, nodes, edges } = this.#drawing;
    // A graph wider than the panel shrinks as far as its text stays readable, then it scrolls.
    const scale = this.width > 0 ? Math.min(1.15, Math.max(SMALLEST, this.width / Math.max(1, width))) : 1;
    const byKey = new Map(this.#edges.map((edge) => [edge.key, edge]));
    const drawn = edges.map((placed) => ({ placed, edge: byKey.get(placed.key) }));
    // Arrows that were taken lie over those that were not.
    drawn.sort((a, b) => Number(path.taken.has(a.placed.key)) - Number(path.taken.has(b.placed.key)));
    return html`<svg
      class="graph"
      role="group"
      aria-label=${`States of the ${this.role_}${path.current ? `, now ${path.current}` : ''}`}
      width=${Math.round(width * scale)}
      height=${Math.round(height * scale)}
      viewBox=${`${x} ${y} ${width} ${height}`}
    >
      ${svg`<defs>${['idle', 'taken', 'failed', 'now'].map(marker)}</defs>`}
      ${drawn.map(({ placed, edge }) => (edge ? this.#edge(edge, curve(placed.points), path) : nothing))}
      ${nodes.map((node) => this.#node(node, path))}
    </svg>`;
  }

  protected override updated(changed: PropertyValues): void {
    const current = this.renderRoot.querySelector('.current');
    if (!current) return;
    // Moving along the steps follows them; what is shown anew begins at the top, where its verdict is.
    if (changed.has('step') && !changed.has('steps')) {
      current.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      return;
    }
    const view = this.getBoundingClientRect();
    const box = current.getBoundingClientRect();
    if (box.left < view.left || box.right > view.right) {
      this.scrollLeft += (box.left + box.right - view.left - view.right) / 2;
    }
  }

  #edge(edge: DrawnEdge, d: string, path: GraphPath) {
    const taken = path.taken.get(edge.key);
    const later = !taken && edge.taken;
    const now = taken?.step === this.step;
    const failed = taken && path.failing === edge.to && edge.to === path.current && taken.step >= this.step;
    const kind = failed ? 'failed' : now ? 'now' : taken ? 'taken' : 'idle';
    const title = `${edge.from} → ${edge.to}: ${edge.messages.join(', ')}`;
    return svg`<g class="edge ${kind}${later ? ' later' : ''}${edge.taken?.unlisted ? ' unlisted' : ''}">
      <title>${oneLine(title)}</title>
      <path class="hit" d=${d} /><path class="line" d=${d} marker-end="url(#${kind})" />
    </g>`;
  }

  #node(node: PlacedNode, path: GraphPath) {
    const known = this.graph?.nodes.find((one) => one.role === this.role_ && one.id === node.id);
    const current = path.current === node.id;
    const entered = path.visited.get(node.id);
    const classes = [
      'node',
      known?.kind ?? 'unlisted',
      entered === undefined ? (this.#whole.visited.has(node.id) ? 'later' : '') : 'visited',
      current ? 'current' : '',
      path.failing === node.id ? 'failing' : '',
    ];
    const loop = path.taken.get(`${node.id}\u0000${node.id}`);
    const title = [
      node.id,
      known?.description,
      known?.source && `Mirrors ${known.source}.`,
      known?.kind === 'internal' && 'Internal: the real client never shows it.',
      entered !== undefined && entered >= 0 && `Entered at step ${entered + 1}.`,
    ]
      .filter(Boolean)
      .join('\n');
    return svg`<g
      class=${classes.filter(Boolean).join(' ')}
      role="img"
      data-state=${node.id}
      aria-label=${`${node.id}${current ? ', current' : entered !== undefined ? ', visited' : ''}`}
      aria-current=${current ? 'step' : 'false'}
      transform="translate(${node.x - node.width / 2} ${node.y - node.height / 2})"
    >
      <title>${oneTitle(title)}</title>
      <rect width=${node.width} height=${node.height} rx="5" />
      <text x=${node.width / 2} y=${node.height / 2}>${oneLine(node.label)}</text>
      ${loop ? svg`<path class="loop" d="M${node.width} ${node.height / 2 - 5}c9 -2 9 12 0 10" />` : nothing}
    </g>`;
  }
}

function marker(kind: string) {
  return svg`<marker id=${kind} class="head ${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"
    markerUnits="userSpaceOnUse" orient="auto"><path d="M1 1L7 4L1 7" /></marker>`;
}

/** Keeps the line breaks that were put there, none from elsewhere. */
function oneTitle(text: string): string {
  return text.split('\n').map(oneLine).join('\n');
}

customElements.define('hi-graph-view', GraphView);
