import type { TracePage, TraceRow } from '../../contract/values';

/** A page view holds no more rows than this; a capture with more says so. */
export const MAX_ROWS = 100_000;

/** Asks the host for one page. */
export type PageSource = (offset: number, limit: number) => Promise<TracePage>;

/**
 * Reads the list page by page, in order, while it still grows. One request is open at a time, so that a host that is busy
 * reading the file is not asked faster than it answers.
 */
export class RowStore {
  readonly rows: TraceRow[] = [];
  total = 0;
  /** Set when the last page could not be had. */
  error: string | null = null;
  #busy = false;
  #generation = 0;

  constructor(
    private readonly source: PageSource,
    private readonly pageSize: number,
    private readonly changed: () => void,
  ) {}

  /** More are known: reads on until all of them are here. */
  async grow(total: number): Promise<void> {
    this.total = Math.max(this.total, total);
    if (this.#busy) return;
    this.#busy = true;
    const generation = this.#generation;
    try {
      while (generation === this.#generation && this.rows.length < Math.min(this.total, MAX_ROWS)) {
        const page = await this.source(this.rows.length, this.pageSize);
        if (generation !== this.#generation) return;
        this.error = null;
        this.total = Math.max(this.total, page.total);
        if (page.rows.length === 0) break;
        this.rows.push(...page.rows);
        this.changed();
      }
    } catch (error) {
      if (generation !== this.#generation) return;
      this.error = error instanceof Error ? error.message : String(error);
      this.changed();
    } finally {
      if (generation === this.#generation) this.#busy = false;
    }
  }

  /** Forgets everything: the file is read again. */
  clear(): void {
    this.#generation++;
    this.#busy = false;
    this.rows.length = 0;
    this.total = 0;
    this.error = null;
    this.changed();
  }
}
