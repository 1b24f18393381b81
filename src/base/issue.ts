/**
 * Something a parser could not accept. Parsers never throw on input: they return what they understood and the issues.
 *
 * @see Decoded
 */
export interface Issue {
  /** Stable and short, in capitals: `PCAP_CUT_PACKET`, `PG_BAD_LENGTH`. Words for people are in `message`. */
  readonly code: string;
  /** One sentence: what was expected, what came instead. */
  readonly message: string;
  /** Byte offset from the start of the input the parser was given; absent when it applies to the whole. */
  readonly offset?: number;
}

/** Whether the key log or the settings are meant: nothing of the input is damaged, and reading it again may help. */
export const isOfSettings = ({ code }: Issue): boolean => /^(KEYLOG|SETTING)_/.test(code);

/** Of most inputs. */
export const NO_ISSUES: readonly Issue[] = [];

/** A value and what was wrong with the bytes it came from. A damaged input still yields what was understood. */
export interface Decoded<T> {
  readonly value: T;
  readonly issues: readonly Issue[];
}

/** Makes an {@link Issue}; leaves `offset` out when it is not known. */
export function issue(code: string, message: string, offset?: number): Issue {
  return offset === undefined ? { code, message } : { code, message, offset };
}
