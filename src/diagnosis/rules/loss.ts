/** What was sent and never arrived. */
import { otherSide, type Side } from '../../base/mark';
import { type Cause, cause, type Evidence } from '../cause';
import { type ConnectionFacts, serverName } from '../facts';
import type { Rule } from '../rules';
import { millisSince, OPEN_SILENCE } from '../timing';
import type { SideEvidence } from '../wire';

/**
 * Bytes that TCP itself shows to be lost: sent again and again and never acknowledged, or a hole that neither the capture nor the other
 * side has. They prove more than any silence, so these come before every rule that speaks of who closed or waited, also where
 * `facts.missing` is set; but after a connection that is known to be ready.
 */
export const LOSS_RULES: readonly Rule<ConnectionFacts>[] = [
  { gives: ['TCP_LARGE_PACKETS_LOST', 'TCP_PACKETS_LOST'], find: lost },
];

/** How often bytes must have been sent for their loss to be no accident; fewer where a second passed without an acknowledgment. */
const TIMES = 3;
const PATIENT_TIMES = 2;
/** A payload that only a packet near the usual limit has: tunnels and old links begin to refuse at 1,280 bytes a packet. */
const LARGE = 1000;
/** The smallest payload of a full segment that a host may use (RFC 9293 section 3.7.1). */
const SMALLEST_FULL = 536;

function lost(facts: ConnectionFacts): Cause | null {
  return ofSide(facts, 'client') ?? ofSide(facts, 'server');
}

function ofSide(facts: ConnectionFacts, from: Side): Cause | null {
  const { wire } = facts;
  const side = wire[from];
  const { icmp } = wire;
  const tooBig = icmp?.tooBig === true && icmp.about === from ? icmp : null;
  const patient = tooBig !== null || (millisSince(wire, side.last) ?? 0) >= OPEN_SILENCE;
  const again = side.unacknowledged > 0 && side.timesSent >= (patient ? PATIENT_TIMES : TIMES);
  const holed = isHole(facts, side);
  if (!again && !holed) return null;
  const size = again ? side.largestLost : side.hole;
  // Later segments that came through although they are as large show that size is not the reason.
  const large = tooBig !== null || (again ? size >= LARGE : size >= SMALLEST_FULL && size > side.largestLost);
  const params = {
    from,
    server: serverName(facts),
    product: facts.product,
    times: again ? side.timesSent : undefined,
    bytes: again ? side.unacknowledged : side.hole,
    size,
    mtu: tooBig?.mtu || undefined,
    router: tooBig?.from,
  };
  const evidence: readonly Evidence[] = again
    ? [{ code: 'RESENT', params: { side: from, times: side.timesSent, bytes: side.unacknowledged } }]
    : [{ code: 'HOLE', params: { side: from, bytes: side.hole } }];
  const told: readonly Evidence[] = icmp
    ? [{ code: 'ICMP', params: { kind: icmp.kind, from: icmp.from }, frames: [icmp.mark.frame] }]
    : [];
  const message = `packets from the ${from} were lost`;
  const error = { from: from === 'client' ? 'server' : 'client', code: 'NO_ANSWER', message } as const;
  return cause(large ? 'TCP_LARGE_PACKETS_LOST' : 'TCP_PACKETS_LOST', 'failed', params, {
    error,
    evidence: [...evidence, ...told],
    step: again ? lostStep(facts, from) : undefined,
  });
}

/** The first message of what a side said last: that of which nothing was acknowledged, or what it began with. */
function lostStep({ trace }: ConnectionFacts, from: Side): number | undefined {
  const said = trace.steps.filter(({ layer }) => layer !== 'tcp' && layer !== 'local');
  const heard = said.findLastIndex((step) => step.from === otherSide(from));
  return said[heard + 1]?.index;
}

/** A hole that had time to be filled. */
function isHole({ wire }: ConnectionFacts, side: SideEvidence): boolean {
  return side.hole > 0 && (millisSince(wire, side.last) ?? 0) >= OPEN_SILENCE;
}
