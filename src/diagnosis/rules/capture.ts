/** The capture lacks what would tell. */
import { type Cause, cause } from '../cause';
import type { ConnectionFacts } from '../facts';
import type { Rule } from '../rules';
import { lastStep } from '../timing';

/**
 * What is missing, before any rule of a protocol that concludes from what was not seen; `CAPTURE_ENDS` is not among them.
 */
export const CAPTURE_RULES: readonly Rule<ConnectionFacts>[] = [
  { gives: ['CAPTURE_ONE_DIRECTION'], find: oneDirection },
  { gives: ['CAPTURE_CUT_PACKETS'], find: cutPackets },
  { gives: ['CAPTURE_BYTES_MISSING'], find: bytesMissing },
  { gives: ['CAPTURE_STARTS_LATE'], find: startsLate },
];

/**
 * The last rule of a list: nobody has closed, nobody was silent for long, and so the capture ends before the connection does. It gives nothing
 * where somebody closed.
 */
export const CAPTURE_ENDS_RULE: Rule<ConnectionFacts> = { gives: ['CAPTURE_ENDS'], find: ends };

function oneDirection(facts: ConnectionFacts): Cause | null {
  const { wire, missing } = facts;
  const heard = wire.server.unheard ? 'client' : wire.client.unheard ? 'server' : null;
  if (heard === null && missing?.kind !== 'direction') return null;
  const from = heard ?? (missing?.whose === 'server' ? 'client' : 'server');
  return cause('CAPTURE_ONE_DIRECTION', 'incomplete', { heard: from });
}

function cutPackets(facts: ConnectionFacts): Cause | null {
  const { client, server } = facts.wire;
  const bytes = client.cut + server.cut;
  if (bytes === 0) return null;
  return cause('CAPTURE_CUT_PACKETS', 'incomplete', { bytes });
}

function bytesMissing(facts: ConnectionFacts): Cause | null {
  const { wire, missing } = facts;
  const { client, server } = wire;
  // What neither side of the wire has is no fault of the capture.
  const clientBytes = Math.max(0, client.missing - client.hole);
  const serverBytes = Math.max(0, server.missing - server.hole);
  if (clientBytes + serverBytes === 0 && missing?.kind !== 'bytes') return null;
  const known =
    clientBytes > 0 && serverBytes > 0
      ? 'both'
      : clientBytes > 0
        ? 'client'
        : serverBytes > 0
          ? 'server'
          : null;
  const bytes = clientBytes + serverBytes;
  const params = {
    whose: known ?? missing?.whose,
    bytes: bytes || undefined,
  };
  return cause('CAPTURE_BYTES_MISSING', 'incomplete', params);
}

function startsLate(facts: ConnectionFacts): Cause | null {
  const { wire, missing } = facts;
  if (!wire.late && missing?.kind !== 'beginning') return null;
  return cause('CAPTURE_STARTS_LATE', 'incomplete');
}

function ends(facts: ConnectionFacts): Cause | null {
  if (facts.wire.closes.length > 0) return null;
  const step = lastStep(facts);
  const opened = facts.wire.server.syns > 0 ? 1 : undefined;
  return cause('CAPTURE_ENDS', 'incomplete', { last: step?.message, from: step?.from, opened });
}
