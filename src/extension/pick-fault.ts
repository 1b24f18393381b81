import { message } from '../base/shown/outlets';
import { FAULTS, type Fault, findFault } from '../postgres/faults/faults';
import { type Pick, pickOne } from './say/questions';

interface FaultPick extends Pick {
  readonly fault: Fault;
}

/** Asks which fault the PostgreSQL lab server is to have; a name that was given is taken as it is. */
export async function pickFault(argument?: unknown): Promise<Fault | undefined> {
  const named = typeof argument === 'string' ? findFault(argument) : undefined;
  if (named) return named;
  const picks = FAULTS.map(
    (fault): FaultPick => ({
      label: message(fault.title),
      description: message(fault.name),
      detail: message`The server ${fault.does}: ${fault.shows}.`,
      fault,
    }),
  );
  const chosen = await pickOne(picks, {
    title: message`Start Lab Server with a Fault`,
    placeHolder: message`What should the PostgreSQL server do wrong?`,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return chosen?.fault;
}
