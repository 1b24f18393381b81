import * as v from 'valibot';
import type * as vscode from 'vscode';
import { captureViewStateSchema } from '../contract/capture-editor';
import { stateViewStateSchema } from '../contract/state-panel';

/** Views whose state is kept; the least recently used goes first. */
const KEPT = 50;

/** What pages asked to have kept, in the workspace's own storage, checked again when it is read. */
export class ViewStates {
  readonly #memento: vscode.Memento;
  readonly #key: string;
  readonly #schema: v.GenericSchema;

  constructor(memento: vscode.Memento, key: string, schema: v.GenericSchema) {
    this.#memento = memento;
    this.#key = key;
    this.#schema = schema;
  }

  /** @returns null when nothing, or nothing usable, was kept. */
  read(name: string): unknown {
    const parsed = v.safeParse(this.#schema, this.#all().find(([known]) => known === name)?.[1]);
    return parsed.success ? parsed.output : null;
  }

  async write(name: string, state: unknown): Promise<void> {
    const others = this.#all().filter(([known]) => known !== name);
    await this.#memento.update(this.#key, [...others, [name, state]].slice(-KEPT));
  }

  #all(): [string, unknown][] {
    const stored = v.safeParse(v.array(v.tuple([v.string(), v.unknown()])), this.#memento.get(this.#key));
    return stored.success ? stored.output : [];
  }
}

export function captureStates(memento: vscode.Memento): ViewStates {
  return new ViewStates(memento, 'captureViews', captureViewStateSchema);
}

export function panelStates(memento: vscode.Memento): ViewStates {
  return new ViewStates(memento, 'stateViews', stateViewStateSchema);
}
