/** What a language has to give for each cause. */
import type { CauseParams, NextStep } from '../../trace/diagnosis';

export interface CauseWords {
  /** What happened: one sentence, who did what. */
  readonly what: (params: CauseParams) => string;
  /** Why it happens, where `what` does not say it. */
  readonly why?: (params: CauseParams) => string | null;
  /** What to do, the most likely first. */
  readonly next: (params: CauseParams) => readonly NextStep[];
  /** What proves it, for the page of causes: a sentence. */
  readonly proof: string;
  /** How to tell it from what looks alike. */
  readonly tellApart?: string;
}
