import * as vscode from 'vscode';
import { FAULTS, type Fault, findFault } from '../postgres/faults/faults';

interface FaultPick extends vscode.QuickPickItem {
  readonly fault: Fault;
}

/** Asks which fault the PostgreSQL lab server is to have; a name that was given is taken as it is. */
export async function pickFault(argument?: unknown): Promise<Fault | undefined> {
  const named = typeof argument === 'string' ? findFault(argument) : undefined;
  if (named) return named;
  const picks = FAULTS.map(
    (fault): FaultPick => ({
      label: fault.title,
      description: fault.name,
      detail: `The server ${fault.does}: ${fault.shows}.`,
      fault,
    }),
  );
  const chosen = await vscode.window.showQuickPick(picks, {
    title: 'Start Lab Server with a Fault',
    placeHolder: 'What should the PostgreSQL server do wrong?',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return chosen?.fault;
}
