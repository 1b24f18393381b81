/**
 * What became of a connection and why, as data: the `diagnosis` of a trace in JSON version 2. Codes and parameters are made from evidence
 * (`src/diagnosis`, `diagnose/` of each protocol); every sentence here is rendered from them.
 */

/** On whose side the cause lies; `between` is a device, a proxy or the network, `capture` a recording that lacks what would tell. */
export type CauseSide = 'client' | 'server' | 'between' | 'capture' | 'nobody';

/**
 * `shown`: the bytes of this connection prove it. `likely`: no other known cause leaves them. `possible`: several do, see
 * {@link Diagnosis.alternatives}.
 */
export type Certainty = 'shown' | 'likely' | 'possible';

export type DiagnosisSeverity = 'ok' | 'info' | 'warning' | 'error';

/** Values that sentences are filled with. Foreign text is as it was said: what shows it makes it harmless. */
export type CauseParams = Readonly<Record<string, string | number>>;

/** What kind of step it is, so that a reader's tool can offer it: an option to set, a file to edit, a command to run. */
export type NextKind = 'client-option' | 'server-config' | 'server-command' | 'network' | 'capture' | 'ask';

/** One thing to do, the most likely first. */
export interface NextStep {
  readonly kind: NextKind;
  /** A sentence. */
  readonly text: string;
  /** For `client-option`: the option in the terms of the protocol's own connection strings. */
  readonly option?: { readonly name: string; readonly value: string };
  /** Text to paste: a line of a file, or a command. */
  readonly snippet?: string;
}

/** What was seen that the cause rests on. */
export interface EvidenceText {
  readonly text: string;
  /** Indices of the steps that show it. */
  readonly steps: readonly number[];
  readonly frames: readonly number[];
}

/** Another cause that leaves the same bytes. */
export interface Alternative {
  readonly code: string;
  readonly what: string;
  readonly tellApart: string;
}

export interface Diagnosis {
  /** Stable; every code has its place in `docs/causes.md`. */
  readonly code: string;
  readonly severity: DiagnosisSeverity;
  readonly side: CauseSide;
  readonly certainty: Certainty;
  /** Index of the step where it went wrong; null where nothing was said. */
  readonly step: number | null;
  readonly params: CauseParams;
  /** What happened, a sentence. */
  readonly what: string;
  /** Why, a sentence or two; null where `what` says all. */
  readonly why: string | null;
  readonly next: readonly NextStep[];
  readonly evidence: readonly EvidenceText[];
  readonly alternatives: readonly Alternative[];
}

/** What an observation that nobody concluded says. */
export const UNDECIDED: Diagnosis = {
  code: 'UNDECIDED',
  severity: 'info',
  side: 'nobody',
  certainty: 'possible',
  step: null,
  params: {},
  what: '',
  why: null,
  next: [],
  evidence: [],
  alternatives: [],
};
