import type { Side } from '../../base/mark';
import type { Observed } from '../observer/observed';

/**
 * What the capture lacks of a conversation, and what to do about it, as a sentence; null when nothing is known to be missing. Where it
 * is not null, that a message was not seen does not say that it was not sent.
 */
export function missingWords(observed: Observed): string | null {
  const { missing, gap } = observed;
  const unheard = unheardSide(observed);
  if (unheard !== null) {
    const [heard, question] =
      unheard === 'server' ? ['client', 'how the server answered'] : ['server', 'what the client said'];
    return `Only the direction of the ${heard} was captured, so ${question} cannot be told: capture where both directions pass, for example at the other end.`;
  }
  if (!gap) return null;
  if (!missing.client && !missing.server) {
    return `The beginning of the connection is not in the capture, so how it ended cannot be told${lastError(observed)}: start the capture before the client connects.`;
  }
  const whose =
    missing.client && missing.server ? 'both sides' : missing.client ? 'the client' : 'the server';
  return `Bytes of ${whose} are missing from the capture, cut by its snap length or in packets that were lost, so how the connection ended cannot be told${lastError(observed)}: capture again with -s 0, or at the other end.`;
}

/** The side of which there is no packet at all, though the other one shows that it was there. */
function unheardSide({ heard, missing, opened, accepted }: Observed): Side | null {
  if (heard.client && !heard.server && (missing.server || opened)) return 'server';
  if (heard.server && !heard.client && (missing.client || accepted)) return 'client';
  return null;
}

function lastError({ lateError }: Observed): string {
  return lateError === null
    ? ''
    : ` (the last error seen, ${lateError.code}: ${lateError.message}, does not end a session that is open)`;
}
