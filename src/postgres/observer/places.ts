import type { StatePair } from '../../trace/builder';
import type { From } from '../../trace/model';
import { ALL_PHASES, FINAL_PHASES, type Phase, type PhaseInfo, phaseInfo } from '../phases';
import { UNKNOWN_STATE } from '../states';
import { TRANSITIONS } from '../transitions';

/**
 * A phase with all that an observer asks of it, so that it is looked up once: made from `PHASES` and `TRANSITIONS`, which say what there is.
 */
export interface Place {
  readonly phase: Phase;
  readonly info: PhaseInfo;
  readonly states: StatePair;
  /** Nothing more of the handshake can happen. */
  readonly final: boolean;
  /** Where each event of one side that is legal here leads. */
  readonly client: ReadonlyMap<string, Place>;
  readonly server: ReadonlyMap<string, Place>;
  readonly local: ReadonlyMap<string, Place>;
}

/** What is said of both where bytes are missing. */
export const UNKNOWN_STATES: StatePair = { clientState: UNKNOWN_STATE, serverState: UNKNOWN_STATE };

const PLACES: ReadonlyMap<Phase, Place> = makePlaces();

export function placeOf(phase: Phase): Place {
  return PLACES.get(phase) as Place;
}

/** Where this event leads; undefined when it is not legal here. */
export function nextPlace(place: Place, from: From, message: string): Place | undefined {
  const next = from === 'client' ? place.client : from === 'server' ? place.server : place.local;
  return next.get(message);
}

function makePlaces(): Map<Phase, Place> {
  const made = ALL_PHASES.map((phase) => {
    const info = phaseInfo(phase);
    return {
      phase,
      info,
      states: { clientState: info.client, serverState: info.server },
      final: FINAL_PHASES.has(phase),
      client: new Map<string, Place>(),
      server: new Map<string, Place>(),
      local: new Map<string, Place>(),
    };
  });
  const places = new Map(made.map((place) => [place.phase, place]));
  for (const row of TRANSITIONS) {
    for (const phase of row.in) places.get(phase)?.[row.from].set(row.message, places.get(row.to) as Place);
  }
  return places;
}
