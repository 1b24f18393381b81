/** Most that may be undecided at once: a capture made to keep its reader waiting must not fill the memory. */
export const OPEN_LIMITS = {
  /** Connections of which only SYNs were seen, at some 60 bytes each. */
  waiting: 1 << 20,
  /** Connections whose handshake has begun, at some kilobytes each. */
  tracked: 1 << 13,
  /** Traces that are over and wait for an older connection to be, at some kilobytes each. */
  traces: 1 << 12,
};

export type OpenLimits = Readonly<typeof OPEN_LIMITS>;

type Kind = 'waiting' | 'tracked';

/**
 * Finds the flow to give up when more is undecided than may be, and counts these flows. Flows are numbered in the order of their first
 * packets, so going through the numbers once and again finds the oldest at the price of a look at each.
 */
export class RetiredFlows {
  readonly #counts: Record<Kind, number> = { waiting: 0, tracked: 0 };
  readonly #next: Record<Kind, number> = { waiting: 0, tracked: 0 };

  /**
   * @param flows how many there are.
   * @param isOne whether a number is one of the kind that may be given up.
   * @returns the oldest since the last one given up, or -1 when there is none.
   */
  next(kind: Kind, flows: number, isOne: (number: number) => boolean): number {
    for (let looked = 0; looked < flows; looked++) {
      const number = this.#next[kind] % flows;
      this.#next[kind] = number + 1;
      if (!isOne(number)) continue;
      this.#counts[kind]++;
      return number;
    }
    return -1;
  }

  /** What a reader of the result must know, in sentences. @param late traces that went out behind younger ones. */
  notes(limits: OpenLimits, late: number): string[] {
    const { waiting, tracked } = this.#counts;
    const notes: string[] = [];
    if (tracked > 0) {
      notes.push(
        `${tracked} handshakes are shown only up to where more than ${limits.tracked} were under way at once: the oldest were ended there.`,
      );
    }
    if (waiting > 0) {
      notes.push(
        `${waiting} connections count as unanswered because more than ${limits.waiting} SYNs waited at once: what came later is not shown.`,
      );
    }
    if (late > 0) {
      notes.push(
        `${late} handshakes stand behind younger ones: more than ${limits.traces} had ended before they did.`,
      );
    }
    return notes;
  }
}
