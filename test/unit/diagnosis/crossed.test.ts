/** Two FINs that cross, and an ending that no rule knows. */
import { describe, expect, it } from 'vitest';
import { cause } from '../../../src/diagnosis/cause';
import { causeWhoeverLeft, closesTurned, otherOf } from '../../../src/diagnosis/crossed';
import type { ConnectionFacts } from '../../../src/diagnosis/facts';
import type { Rule } from '../../../src/diagnosis/rules';
import { noWireEvidence } from '../../../src/diagnosis/wire';
import { TraceBuilder } from '../../../src/trace/builder';

const mark = { frame: 1, seconds: 0, nanos: 0 };
const ends = [
  { address: '192.0.2.1', port: 50_000 },
  { address: '192.0.2.7', port: 5432 },
] as const;

const RULES: readonly Rule<ConnectionFacts>[] = [
  {
    gives: ['TCP_REFUSED'],
    find: ({ wire }) => (wire.client.syns > 0 ? cause('TCP_REFUSED', 'failed') : null),
  },
  {
    gives: ['TCP_PORT_CHECK'],
    find: ({ wire }) => (wire.closes[0]?.from === 'client' ? cause('TCP_PORT_CHECK', 'failed') : null),
  },
  {
    gives: ['TCP_CLOSED_AT_ONCE'],
    find: ({ wire }) => (wire.closes[0]?.from === 'server' ? cause('TCP_CLOSED_AT_ONCE', 'failed') : null),
  },
];

function causeOf(
  crossed: boolean,
  change: (facts: ConnectionFacts) => void = () => {},
  rules: readonly Rule<ConnectionFacts>[] = RULES,
) {
  const wire = noWireEvidence();
  wire.crossed = crossed;
  const close = { how: 'fin', mark, alertsBefore: 0, sealedBefore: 0 } as const;
  wire.closes.push({ ...close, from: 'client' }, { ...close, from: 'server' });
  const trace = new TraceBuilder('capture', 'postgres', ends[0], ends[1]);
  const messages = { client: 0, server: 0 };
  const facts: ConnectionFacts = {
    product: 'PostgreSQL',
    trace,
    wire,
    established: false,
    messages,
    missing: null,
    local: null,
  };
  change(facts);
  return causeWhoeverLeft(rules, facts, () => ({ ...facts, wire: closesTurned(facts.wire) }));
}

describe('FINs that cross', () => {
  it('blame nobody where their order would decide', () => {
    expect(causeOf(true)).toMatchObject({ code: 'TCP_CLOSED_TOGETHER', outcome: 'incomplete' });
  });

  it('count in their order where the second acknowledges the first', () => {
    expect(causeOf(false).code).toBe('TCP_PORT_CHECK');
  });

  it('change nothing about a cause that does not rest on them', () => {
    expect(
      causeOf(true, ({ wire }) => {
        wire.client.syns = 1;
      }).code,
    ).toBe('TCP_REFUSED');
  });

  const said = (
    more: object,
    details: (by: 'client' | 'server') => object,
  ): readonly Rule<ConnectionFacts>[] => [
    {
      gives: ['PG_ENCRYPTED'],
      find: ({ wire }) => {
        const by = wire.closes[0].from;
        return cause('PG_ENCRYPTED', 'encrypted', { ...more, by }, details(by));
      },
    },
  ];

  it('leave out of a cause what one order alone says', () => {
    const rules = said({ encryption: 'TLSv1.3' }, (by) => ({
      evidence: [
        { code: 'SILENCE', params: { side: by, seconds: 1 } },
        { code: 'PEER_SAID', params: { side: 'server', text: 'no' } },
      ],
      certainty: by === 'client' ? 'shown' : 'likely',
      alternatives: by === 'client' ? ['PG_READY', 'PG_CANCEL'] : ['PG_CANCEL'],
    }));
    expect(causeOf(true, () => {}, rules)).toMatchObject({
      code: 'PG_ENCRYPTED',
      outcome: 'encrypted',
      certainty: 'possible',
      alternatives: ['PG_CANCEL'],
      evidence: [{ code: 'PEER_SAID' }],
    });
    expect(causeOf(true, () => {}, rules).params).toEqual({ encryption: 'TLSv1.3' });
    expect(causeOf(false, () => {}, rules).params).toEqual({ encryption: 'TLSv1.3', by: 'client' });
  });

  it('blame nobody where one code blames one or the other side', () => {
    const sides = said({}, (side) => ({ side }));
    expect(causeOf(true, () => {}, sides)).toMatchObject({
      code: 'TCP_CLOSED_TOGETHER',
      outcome: 'encrypted',
    });
    const errors = said({}, (from) => ({ error: { from, code: 'CLOSED', message: 'closed' } }));
    expect(causeOf(true, () => {}, errors).code).toBe('TCP_CLOSED_TOGETHER');
    expect(causeOf(false, () => {}, errors).code).toBe('PG_ENCRYPTED');
  });

  it('blame nobody where one code is an error in one order alone', () => {
    const severities = said({}, (by) => ({ severity: by === 'client' ? 'error' : 'info' }));
    expect(causeOf(true, () => {}, severities).code).toBe('TCP_CLOSED_TOGETHER');
  });

  it('are turned without the original', () => {
    const wire = noWireEvidence();
    expect(closesTurned(wire)).not.toBe(wire);
    expect([otherOf('client'), otherOf(null), otherOf(undefined)]).toEqual(['server', null, undefined]);
  });
});

describe('an ending that no rule knows', () => {
  it('is told as that', () => {
    const none = causeOf(false, ({ wire }) => wire.closes.splice(0));
    expect(none).toMatchObject({ code: 'CAPTURE_UNDECIDED', outcome: 'incomplete' });
  });
});
