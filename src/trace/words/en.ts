/** Words of this room, which the causes' (`diagnosis/words`) cannot be asked for: that room stands below. */
import type { CauseSide, Certainty } from '../diagnosis';

export const SIDES: Readonly<Record<CauseSide, string>> = {
  client: 'client',
  server: 'server',
  between: 'in between',
  capture: 'recording',
  nobody: 'none',
};

export const SURE: Readonly<Record<Certainty | 'among-others', string>> = {
  shown: 'The bytes of this connection prove it.',
  likely: 'Likely: no other known cause leaves these bytes.',
  possible: 'Possible, but not certain.',
  'among-others': 'Possible: other causes leave the same bytes.',
};

/** Behind the first of a list. */
export const more = (count: number): string => ` and ${count} more`;

/** What stands below the rows of a summary when there are more. */
export const moreCauses = (left: number): string => `… and ${left} more ${left === 1 ? 'cause' : 'causes'}`;
