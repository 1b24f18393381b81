import type { Recording } from '../../src/inspect/recording';

/** One recorded story: it becomes `test/fixtures/NAME.pcapng`. */
export interface Story {
  readonly name: string;
  /** What happens in it, one line. */
  readonly says: string;
  readonly recordings: readonly Recording[];
}
