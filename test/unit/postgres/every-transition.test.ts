/**
 * Every row of the transition table is taken by a conversation, made of bytes and TCP's flags and shown to the observer: a state that no
 * conversation reaches, or that the panel cannot draw, fails here.
 */
import { describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../../src/base/bytes';
import { stateGraph } from '../../../src/postgres/graph';
import { fatal } from '../../../src/postgres/messages/error-fields';
import { ALL_PHASES, type Phase, phaseInfo } from '../../../src/postgres/phases';
import { CLIENT_STATES, SERVER_STATES } from '../../../src/postgres/states';
import { type EventName, TRANSITIONS } from '../../../src/postgres/transitions';
import type { From, Step } from '../../../src/trace/model';
import { placeGraph, statesOf } from '../../../src/webview/model/graph-layout';
import { drawnEdges, edgeKey, pathThrough } from '../../../src/webview/model/graph-path';
import { type Happening, watch } from './watch';

interface Move {
  readonly phase: Phase;
  readonly from: From;
  readonly message: EventName;
  readonly to: Phase;
}

const MOVES: readonly Move[] = TRANSITIONS.flatMap(({ in: phases, from, message, to }) =>
  phases.map((phase) => ({ phase, from, message, to })),
);

const DATA = utf8Bytes('data');
const ENDS = ['FIN', 'RST', 'Error'];

/** What happens on the wire for each event. */
const HAPPENINGS: Readonly<Record<string, Happening>> = {
  'client SYN': { open: 'client' },
  'server SYN+ACK': { open: 'server' },
  'client FIN': { close: 'client' },
  'server FIN': { close: 'server' },
  'client RST': { close: 'client', how: 'rst' },
  'server RST': { close: 'server', how: 'rst' },
  'client SSLRequest': { client: { name: 'SSLRequest' } },
  'client GSSENCRequest': { client: { name: 'GSSENCRequest' } },
  'server SSLResponse S': { server: 'S' },
  'server SSLResponse N': { server: 'N' },
  'server SSLResponse E': { server: 'Ecould not fork\n\0' },
  'server SSLResponse other': { server: 'HTTP/1.1 400 Bad Request\r\n\r\n' },
  'server GSSENCResponse G': { server: 'G' },
  'server GSSENCResponse N': { server: 'N' },
  'server GSSENCResponse E': { server: 'Ecould not fork\n\0' },
  'server GSSENCResponse other': { server: 'HTTP/1.1 400 Bad Request\r\n\r\n' },
  'client ClientHello': { tls: 'ClientHello' },
  'local TLS established': { established: true },
  'client CancelRequest': { client: { name: 'CancelRequest', processId: 1, secretKey: DATA } },
  'client StartupMessage': {
    client: { name: 'StartupMessage', version: { major: 3, minor: 2 }, parameters: [['user', 'app_user']] },
  },
  'server NegotiateProtocolVersion': {
    server: { name: 'NegotiateProtocolVersion', version: { major: 3, minor: 0 }, options: [] },
  },
  'server AuthenticationOk': { server: { name: 'AuthenticationOk' } },
  'server AuthenticationCleartextPassword': { server: { name: 'AuthenticationCleartextPassword' } },
  'server AuthenticationMD5Password': { server: { name: 'AuthenticationMD5Password', salt: DATA } },
  'server AuthenticationSASL': { server: { name: 'AuthenticationSASL', mechanisms: ['SCRAM-SHA-256'] } },
  'server AuthenticationSASLContinue': { server: { name: 'AuthenticationSASLContinue', data: DATA } },
  'server AuthenticationSASLFinal': { server: { name: 'AuthenticationSASLFinal', data: DATA } },
  'server AuthenticationGSS': { server: { name: 'AuthenticationGSS' } },
  'server AuthenticationSSPI': { server: { name: 'AuthenticationSSPI' } },
  'server AuthenticationGSSContinue': { server: { name: 'AuthenticationGSSContinue', data: DATA } },
  'client PasswordMessage': { client: { name: 'PasswordMessage', password: 'md50' } },
  'client SASLInitialResponse': {
    client: { name: 'SASLInitialResponse', mechanism: 'SCRAM-SHA-256', response: utf8Bytes('n,,n=,r=abc') },
  },
  'client SASLResponse': { client: { name: 'SASLResponse', data: DATA } },
  'client GSSResponse': { client: { name: 'GSSResponse', data: DATA } },
  'server NoticeResponse': { server: { name: 'NoticeResponse', fields: [['M', 'hear']] } },
  'server ParameterStatus': { server: { name: 'ParameterStatus', parameter: 'TimeZone', value: 'UTC' } },
  'server BackendKeyData': { server: { name: 'BackendKeyData', processId: 1, secretKey: DATA } },
  'server ReadyForQuery': { server: { name: 'ReadyForQuery', status: 'I' } },
  'server ErrorResponse': { server: fatal('XX000', 'no') },
  'local Error': {
    local: {
      kind: 'note',
      message: 'Error',
      summary: 'gives up',
      error: { from: 'client', code: 'X', message: 'gives up' },
    },
  },
};

/** Taken by nobody here, each for its reason. */
function unseen({ phase, message }: Move): string | null {
  // Both are passed through in the moment in which ReadyForQuery is read: nothing can come between.
  if (phase === 'session-started' || phase === 'check-target') {
    return ENDS.includes(message) ? 'passed through' : null;
  }
  // Nobody here has Kerberos, and what is inside cannot be read.
  return message === 'GSS established' ? 'inside GSSAPI' : null;
}

/** The shortest way from the start to each phase. */
const WAYS: ReadonlyMap<Phase, readonly Move[]> = (() => {
  const ways = new Map<Phase, readonly Move[]>([['needed', []]]);
  for (const [phase, way] of ways) {
    for (const move of MOVES) {
      if (move.phase === phase && !ways.has(move.to) && !unseen(move)) ways.set(move.to, [...way, move]);
    }
  }
  return ways;
})();

/** What the wire shows of a way: some events follow from others by themselves. */
function happenings(way: readonly Move[]): Happening[] {
  return way
    .filter(({ message }) => message !== 'Check target' && message !== 'Connection ok')
    .map(({ from, message }) => HAPPENINGS[`${from} ${message}`]);
}

function take(move: Move): readonly Step[] {
  const way = [...(WAYS.get(move.phase) ?? []), move];
  const direct = way.some(({ message }) => message === 'ClientHello');
  // To see what comes after it, the session has to begin.
  const beginning = move.phase === 'session-started' || move.phase === 'check-target';
  return watch(happenings(beginning ? way.slice(0, -1) : way), { direct }).steps;
}

/** The step that the event itself became, in the states that the table says. */
function taken(move: Move): boolean {
  const { client, server } = phaseInfo(move.to);
  return take(move).some(
    (step) =>
      step.message === move.message &&
      step.from === move.from &&
      step.clientState === client &&
      step.serverState === server,
  );
}

describe('the transition table', () => {
  it('is reached in all its phases', () => {
    expect([...WAYS.keys()].sort()).toEqual([...ALL_PHASES].sort());
  });

  it.each(
    MOVES.filter((move) => !unseen(move)).map((move) => [move.phase, move.from, move.message, move] as const),
  )('is followed out of %s by %s %s', (_phase, _from, _message, move) => {
    // TLS that came first has no request before it, and its ClientHello is no step of PostgreSQL.
    if (move.message === 'ClientHello') {
      const states = take(move).map((step) => step.serverState);
      expect(states.at(-1)).toBe('secure_open_server');
    } else expect(taken(move), JSON.stringify(take(move), null, 1)).toBe(true);
  });

  it('shows every state of both sides in some conversation', () => {
    const steps = MOVES.filter((move) => !unseen(move)).flatMap(take);
    const client = new Set(steps.map((step) => step.clientState));
    const server = new Set(steps.map((step) => step.serverState));
    expect([...client].sort()).toEqual(Object.keys(CLIENT_STATES).sort());
    expect([...server].sort()).toEqual(Object.keys(SERVER_STATES).sort());
  });
});

describe.each([
  ['client', CLIENT_STATES],
  ['server', SERVER_STATES],
] as const)('the panel, on the side of the %s', (role, states) => {
  const graph = stateGraph();
  const none = pathThrough(graph, { steps: [], outcome: 'incomplete' }, role, -1);

  it('draws every state and every transition', () => {
    const edges = drawnEdges(graph, role, none, true);
    const drawing = placeGraph(statesOf(graph, role, [], edges), edges);
    expect(drawing.nodes.map(({ id }) => id).sort()).toEqual(Object.keys(states).sort());
    const drawn = new Map(edges.map((edge) => [edge.key, edge.messages]));
    const placed = new Set(drawing.edges.map(({ key }) => key));
    for (const { phase, message, to } of MOVES) {
      const key = edgeKey(phaseInfo(phase)[role], phaseInfo(to)[role]);
      // An event that leaves this side where it is has no arrow.
      if (phaseInfo(phase)[role] === phaseInfo(to)[role]) continue;
      expect(drawn.get(key), `${phase} ${message}`).toContain(message);
      expect(placed.has(key), `${phase} ${message}`).toBe(true);
    }
  });

  it('has every step of every conversation on an arrow that it draws', () => {
    const unlisted = new Set<string>();
    for (const move of MOVES.filter((known) => !unseen(known))) {
      const steps = take(move);
      const path = pathThrough(graph, { steps, outcome: 'failed' }, role, steps.length - 1);
      for (const edge of path.taken.values()) {
        if (edge.unlisted) unlisted.add(`${edge.from} → ${edge.to} by ${edge.message}`);
      }
    }
    expect([...unlisted]).toEqual([]);
  });
});
