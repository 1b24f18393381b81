import { describe, expect, it } from 'vitest';
import { stateGraph } from '../../../src/postgres/graph';
import { ALL_PHASES, FINAL_PHASES, type Phase, phaseInfo } from '../../../src/postgres/phases';
import { CLIENT_STATES, SERVER_STATES } from '../../../src/postgres/states';
import { landingPhase, TRANSITIONS, transition } from '../../../src/postgres/transitions';
import type { From } from '../../../src/trace/model';

/** The client's states along a path of events, repetitions left out. */
function walk(events: readonly (readonly [From, string])[]): { phase: Phase; states: string[] } {
  let phase: Phase = 'needed';
  const states: string[] = [phaseInfo(phase).client];
  for (const [from, message] of events) {
    const row = transition(phase, from, message);
    if (!row) throw new Error(`${from} ${message} is not legal in ${phase}`);
    phase = row.to;
    const state = phaseInfo(phase).client;
    if (states.at(-1) !== state) states.push(state);
  }
  return { phase, states };
}

describe('transition table', () => {
  it('reaches every phase from the start', () => {
    const reached = new Set<Phase>(['needed']);
    for (let size = 0; size !== reached.size; ) {
      size = reached.size;
      for (const row of TRANSITIONS) if (row.in.some((phase) => reached.has(phase))) reached.add(row.to);
    }
    expect([...reached].sort()).toEqual([...ALL_PHASES].sort());
  });

  it('leads from every phase to an end', () => {
    const ending = new Set<Phase>(FINAL_PHASES);
    for (let size = 0; size !== ending.size; ) {
      size = ending.size;
      for (const row of TRANSITIONS) if (ending.has(row.to)) for (const phase of row.in) ending.add(phase);
    }
    expect([...ending].sort()).toEqual([...ALL_PHASES].sort());
  });

  it('has one row at most for an event in a phase, and none out of a final phase', () => {
    const seen = new Set<string>();
    for (const row of TRANSITIONS) {
      for (const phase of row.in) {
        const key = `${phase} ${row.from} ${row.message}`;
        expect(seen.has(key), key).toBe(false);
        seen.add(key);
        expect(FINAL_PHASES.has(phase), key).toBe(false);
      }
    }
  });

  it('names its sources', () => {
    for (const row of TRANSITIONS) {
      expect(row.client, row.message).not.toBe('');
      expect(row.server, row.message).not.toBe('');
    }
  });

  it('uses every state of both roles, and the graph draws each with an edge', () => {
    const graph = stateGraph();
    const drawn = (role: string) => graph.nodes.filter((node) => node.role === role).map((node) => node.id);
    expect(drawn('client').sort()).toEqual(Object.keys(CLIENT_STATES).sort());
    expect(drawn('server').sort()).toEqual(Object.keys(SERVER_STATES).sort());
    for (const node of graph.nodes) {
      const touches = graph.edges.some(
        (edge) => edge.role === node.role && (edge.from === node.id || edge.to === node.id),
      );
      expect(touches, node.id).toBe(true);
    }
    for (const role of ['client', 'server'] as const) {
      const starts = graph.nodes
        .filter((node) => node.role === role && node.kind === 'start')
        .map((node) => node.id);
      const reached = new Set<string>(starts);
      for (let size = 0; size !== reached.size; ) {
        size = reached.size;
        for (const edge of graph.edges)
          if (edge.role === role && reached.has(edge.from)) reached.add(edge.to);
      }
      expect([...reached].sort(), role).toEqual(drawn(role).sort());
    }
  });

  it('goes through libpq states in libpq order for TLS and SCRAM', () => {
    const { states, phase } = walk([
      ['client', 'SYN'],
      ['server', 'SYN+ACK'],
      ['client', 'SSLRequest'],
      ['server', 'SSLResponse S'],
      ['local', 'TLS established'],
      ['client', 'StartupMessage'],
      ['server', 'AuthenticationSASL'],
      ['client', 'SASLInitialResponse'],
      ['server', 'AuthenticationSASLContinue'],
      ['client', 'SASLResponse'],
      ['server', 'AuthenticationSASLFinal'],
      ['server', 'AuthenticationOk'],
      ['server', 'ParameterStatus'],
      ['server', 'BackendKeyData'],
      ['server', 'ReadyForQuery'],
      ['local', 'Check target'],
      ['local', 'Connection ok'],
    ]);
    expect(phase).toBe('ready');
    expect(states).toEqual([
      'CONNECTION_NEEDED',
      'CONNECTION_STARTED',
      'CONNECTION_MADE',
      'CONNECTION_SSL_STARTUP',
      'CONNECTION_MADE',
      'CONNECTION_AWAITING_RESPONSE',
      'CONNECTION_AUTH_OK',
      'CONNECTION_CHECK_TARGET',
      'CONNECTION_OK',
    ]);
  });

  it('lets the other request follow a refusal, each once, and none follow a success', () => {
    const open = [
      ['client', 'SYN'],
      ['server', 'SYN+ACK'],
    ] as const;
    const both = walk([
      ...open,
      ['client', 'GSSENCRequest'],
      ['server', 'GSSENCResponse N'],
      ['client', 'SSLRequest'],
      ['server', 'SSLResponse N'],
    ]);
    const legal = TRANSITIONS.filter((row) => row.from === 'client' && row.in.includes(both.phase));
    expect(legal.map((row) => row.message)).toEqual(['CancelRequest', 'StartupMessage', 'FIN', 'RST']);
    const secure = walk([...open, ['client', 'ClientHello'], ['local', 'TLS established']]);
    expect(transition(secure.phase, 'client', 'SSLRequest')).toBeUndefined();
    expect(transition(secure.phase, 'client', 'GSSENCRequest')).toBeUndefined();
  });

  it('knows where a message leaves a conversation whose beginning is missing', () => {
    expect(landingPhase('server', 'AuthenticationOk')).toBe('auth-ok');
    expect(landingPhase('server', 'AuthenticationSASLContinue')).toBe('sasl-challenged');
    expect(landingPhase('client', 'StartupMessage')).toBe('awaiting');
    expect(landingPhase('server', 'SYN+ACK')).toBeNull();
  });

  it('marks only what libpq never shows as internal', () => {
    const internal = ALL_PHASES.filter((phase) => phaseInfo(phase).internal).map(
      (phase) => phaseInfo(phase).client,
    );
    expect(internal).toEqual(['CONNECTION_NEEDED', 'CONNECTION_CHECK_TARGET']);
  });
});
