import type { Trace } from '../../src/trace/model';

/** What a trace tells of a connection, without its steps and times. */
export function toldOf({ diagnosis, outcome, error, auth }: Trace) {
  const { code, side, certainty, params, what } = diagnosis;
  return { code, side, certainty, params, what, outcome, error, auth };
}
