import { describe, expect, it } from 'vitest';
import { stateGraph } from '../../../src/mongodb/graph';
import { CLIENT_STATES, SERVER_STATES } from '../../../src/mongodb/state-descriptions';
import { advance, PHASES, type PhaseId, TRANSITIONS } from '../../../src/mongodb/transitions';

const phases = Object.keys(PHASES) as PhaseId[];

describe('the transition table', () => {
  it('reaches every phase from the first', () => {
    const reached = new Set<PhaseId>(['idle']);
    for (let size = 0; size !== reached.size; ) {
      size = reached.size;
      for (const { from, to } of TRANSITIONS) if (reached.has(from)) reached.add(to);
    }
    expect([...reached].sort()).toEqual([...phases].sort());
  });

  it('leaves every phase but the last ones', () => {
    const left = new Set(TRANSITIONS.map((transition) => transition.from));
    expect(phases.filter((phase) => !left.has(phase))).toEqual(['refused', 'closed']);
  });

  it('has one answer to each event', () => {
    const keys = TRANSITIONS.map(({ from, by, event }) => `${from}|${by}|${event}`);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  it('names a source for every row', () => {
    for (const { source } of TRANSITIONS) expect(source).toMatch(/specification|mongos/);
  });

  it('does not allow a proof before a challenge, or a reply before its request', () => {
    expect(advance('negotiated', 'client', 'saslContinue')).toBeUndefined();
    expect(advance('negotiated', 'server', 'sasl done')).toBeUndefined();
    expect(advance('idle', 'client', 'hello')).toBeUndefined();
  });
});

describe('the state graph', () => {
  const graph = stateGraph();

  it('draws every state of the table, and no other', () => {
    for (const role of ['client', 'server'] as const) {
      const drawn = graph.nodes.filter((node) => node.role === role).map((node) => node.id);
      const used = [...new Set(phases.map((phase) => PHASES[phase][role]))];
      expect([...drawn].sort()).toEqual([...used].sort());
    }
    expect(Object.keys(CLIENT_STATES).length + Object.keys(SERVER_STATES).length).toBe(graph.nodes.length);
  });

  it('has edges only between drawn nodes, and reaches every node from its start', () => {
    for (const role of ['client', 'server'] as const) {
      const edges = graph.edges.filter((edge) => edge.role === role);
      const nodes = graph.nodes.filter((node) => node.role === role);
      const ids = new Set(nodes.map((node) => node.id));
      for (const edge of edges) expect(ids.has(edge.from) && ids.has(edge.to)).toBe(true);
      const reached = new Set(nodes.filter((node) => node.kind === 'start').map((node) => node.id));
      expect(reached.size).toBe(1);
      for (let size = 0; size !== reached.size; ) {
        size = reached.size;
        for (const { from, to } of edges) if (reached.has(from)) reached.add(to);
      }
      expect([...reached].sort()).toEqual([...ids].sort());
    }
  });
});
