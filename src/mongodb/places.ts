import type { StatePair } from '../trace/builder';
import { type By, type Event, PHASES, type PhaseId, TRANSITIONS } from './transitions';

/** A phase with all that an observer asks of it, so that it is looked up once: made from `PHASES` and `TRANSITIONS`. */
export interface Place {
  readonly phase: PhaseId;
  readonly states: StatePair;
  /** Where each event that is legal here leads. */
  readonly next: Readonly<Record<By, ReadonlyMap<Event, Place>>>;
}

const PLACES: ReadonlyMap<PhaseId, Place> = makePlaces();

export function placeOf(phase: PhaseId): Place {
  return PLACES.get(phase) as Place;
}

function makePlaces(): Map<PhaseId, Place> {
  const made = Object.entries(PHASES).map(([phase, { client, server }]) => ({
    phase: phase as PhaseId,
    states: { clientState: client, serverState: server },
    next: {
      client: new Map<Event, Place>(),
      server: new Map<Event, Place>(),
      local: new Map<Event, Place>(),
    },
  }));
  const places = new Map(made.map((place) => [place.phase, place]));
  for (const { from, by, event, to } of TRANSITIONS) {
    places.get(from)?.next[by].set(event, places.get(to) as Place);
  }
  return places;
}
