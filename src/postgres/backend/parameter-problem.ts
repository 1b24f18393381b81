/** Why a parameter cannot be set: what the backend's FATAL says (`ereport`). */
export interface ParameterProblem {
  /** SQLSTATE. */
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
}

/** The value a parameter gets, in PostgreSQL's own spelling, or why it cannot have it. */
export type ParameterValue =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly problem: ParameterProblem };

export function accepted(value: string): ParameterValue {
  return { ok: true, value };
}

export function refused(
  code: string,
  message: string,
  more: { detail?: string; hint?: string } = {},
): ParameterValue {
  return { ok: false, problem: { code, message, ...more } };
}

/** ERRCODE_INVALID_PARAMETER_VALUE, in the words that most checks share. */
export function invalidValue(
  name: string,
  value: string,
  more: { detail?: string; hint?: string } = {},
): ParameterValue {
  return refused('22023', `invalid value for parameter "${name}": "${value}"`, more);
}
