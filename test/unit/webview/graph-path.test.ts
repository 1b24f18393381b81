import { describe, expect, test } from 'vitest';
import { stateGraph as mongoGraph } from '../../../src/mongodb/graph';
import { stateGraph as postgresGraph } from '../../../src/postgres/graph';
import type { StateGraph } from '../../../src/trace/graph';
import type { Step } from '../../../src/trace/model';
import { curve, placeGraph, statesOf } from '../../../src/webview/model/graph-layout';
import { drawnEdges, edgeKey, mainWays, nearEdges, pathThrough } from '../../../src/webview/model/graph-path';

const node = (id: string, kind: StateGraph['nodes'][number]['kind'] = 'normal') => ({
  id,
  role: 'client' as const,
  description: '',
  source: '',
  kind,
});
const edge = (from: string, to: string, message = 'm') => ({
  role: 'client' as const,
  from,
  to,
  message,
  by: 'client' as const,
});

const GRAPH: StateGraph = {
  protocol: 'postgres',
  nodes: [
    node('A', 'start'),
    node('B'),
    node('C', 'internal'),
    node('OK', 'success'),
    node('BAD', 'failure'),
  ],
  edges: [
    edge('A', 'B'),
    edge('B', 'A', 'again'),
    edge('B', 'OK', 'short'),
    edge('B', 'C'),
    edge('C', 'OK'),
    edge('A', 'BAD'),
    edge('B', 'BAD', 'x'),
    edge('B', 'BAD', 'y'),
  ],
};

function steps(...states: string[]): Step[] {
  return states.map((clientState, index) => ({
    index,
    time: index,
    from: 'client',
    layer: 'postgres',
    frames: [],
    bytes: 0,
    message: 'm',
    clientState,
    serverState: 'x',
    summary: '',
    encrypted: false,
    internal: clientState === 'C',
    fields: [],
  }));
}

const path = (list: Step[], upTo = list.length - 1, outcome: 'ready' | 'failed' = 'ready') =>
  pathThrough(GRAPH, { steps: list, outcome }, 'client', upTo);

describe('the path through the graph', () => {
  test('begins at the start and goes as far as the chosen step', () => {
    const list = steps('A', 'B', 'C', 'OK');
    const whole = path(list);
    expect([...whole.visited.keys()]).toEqual(['A', 'B', 'C', 'OK']);
    expect([...whole.taken.keys()]).toEqual([edgeKey('A', 'B'), edgeKey('B', 'C'), edgeKey('C', 'OK')]);
    expect(whole.current).toBe('OK');
    expect(whole.internal.has('C')).toBe(true);
    const half = path(list, 1);
    expect(half.current).toBe('B');
    expect(half.visited.has('C')).toBe(false);
    expect(path(list, -1)).toMatchObject({ current: 'A', failing: null });
  });

  test('a first step in another state is a way from the start', () => {
    expect(path(steps('B')).taken.get(edgeKey('A', 'B'))).toMatchObject({ step: 0, unlisted: false });
  });

  test('remembers the last step that took a way', () => {
    expect(path(steps('A', 'B', 'A', 'B')).taken.get(edgeKey('A', 'B'))?.step).toBe(3);
  });

  test('a way that the table lacks is drawn as such', () => {
    const odd = path(steps('A', 'OK'));
    expect(odd.taken.get(edgeKey('A', 'OK'))?.unlisted).toBe(true);
    expect(drawnEdges(GRAPH, 'client', odd, false).some((one) => one.key === edgeKey('A', 'OK'))).toBe(true);
    const unknown = path(steps('A', 'Z'));
    expect(statesOf(GRAPH, 'client', steps('A', 'Z'), drawnEdges(GRAPH, 'client', unknown, false))).toContain(
      'Z',
    );
  });

  test('the failing state shows only at the end of a failed run', () => {
    const list = steps('A', 'B', 'BAD');
    expect(path(list, 2, 'failed').failing).toBe('BAD');
    expect(path(list, 1, 'failed').failing).toBeNull();
    expect(path(list, 2, 'ready').failing).toBeNull();
  });
});

describe('what is drawn', () => {
  test('main ways lead forward; failures and ways back only when taken or asked for', () => {
    const quiet = drawnEdges(GRAPH, 'client', path(steps('A', 'B')), false).map((one) => one.key);
    expect(quiet).toEqual([edgeKey('A', 'B'), edgeKey('B', 'OK'), edgeKey('B', 'C'), edgeKey('C', 'OK')]);
    const failed = drawnEdges(GRAPH, 'client', path(steps('A', 'BAD')), false).map((one) => one.key);
    expect(failed).toContain(edgeKey('A', 'BAD'));
    expect(drawnEdges(GRAPH, 'client', path(steps('A')), true)).toHaveLength(7);
  });

  test('transitions between the same two states are one arrow with both messages', () => {
    const all = drawnEdges(GRAPH, 'client', path(steps('A')), true);
    expect(all.find((one) => one.key === edgeKey('B', 'BAD'))?.messages).toEqual(['x', 'y']);
  });

  test('near the path means taken, or possible from a visited state', () => {
    const taken = path(steps('A', 'B', 'OK'));
    const near = nearEdges(drawnEdges(GRAPH, 'client', taken, false), taken).map((one) => one.key);
    expect(near).toEqual([edgeKey('A', 'B'), edgeKey('B', 'OK'), edgeKey('B', 'C')]);
  });
});

describe.each([
  ['PostgreSQL', postgresGraph()],
  ['MongoDB', mongoGraph()],
])('the graph of %s', (_, graph) => {
  test.each(['client', 'server'] as const)(
    '%s: each state that can be reached has a main way to it',
    (role) => {
      const ways = mainWays(graph, role);
      const reached = new Set([...ways].map((key) => key.split('\u0000')[1]));
      const isolated = graph.nodes.filter(
        (one) =>
          one.role === role &&
          !['start', 'failure'].includes(one.kind) &&
          graph.edges.some((known) => known.role === role && known.to === one.id && known.from !== one.id) &&
          !reached.has(one.id),
      );
      const failures = new Set(graph.nodes.filter((one) => one.kind === 'failure').map((one) => one.id));
      // What is only reached out of a failure is the failure's business.
      const unexplained = isolated.filter((one) =>
        graph.edges.some(
          (known) =>
            known.role === role &&
            known.to === one.id &&
            reached.has(known.from) &&
            !failures.has(known.from),
        ),
      );
      expect(unexplained.map((one) => one.id)).toEqual([]);
    },
  );

  test.each(['client', 'server'] as const)('%s: states lie apart, arrows join them', (role) => {
    const none = pathThrough(graph, { steps: [], outcome: 'incomplete' }, role, -1);
    const edges = drawnEdges(graph, role, none, true);
    const drawing = placeGraph(statesOf(graph, role, [], edges), edges);
    expect(drawing.nodes.length).toBeGreaterThan(3);
    drawing.nodes.forEach((a, at) => {
      for (const b of drawing.nodes.slice(at + 1)) {
        const apart =
          Math.abs(a.x - b.x) >= (a.width + b.width) / 2 || Math.abs(a.y - b.y) >= (a.height + b.height) / 2;
        expect(apart, `${a.id} and ${b.id}`).toBe(true);
      }
    });
    for (const placed of drawing.edges) expect(curve(placed.points)).toMatch(/^M[\d.-]+ [\d.-]+[QL]/);
  });
});
