import type { BackendMessage, ErrorFields } from './message-types';

/** Names of the one-letter field codes of ErrorResponse and NoticeResponse (`postgres_ext.h`, `PG_DIAG_…`). */
export const ERROR_FIELD_NAMES: Readonly<Record<string, string>> = {
  S: 'Severity',
  V: 'Severity (not localized)',
  C: 'SQLSTATE',
  M: 'Message',
  D: 'Detail',
  H: 'Hint',
  P: 'Position',
  p: 'Internal position',
  q: 'Internal query',
  W: 'Where',
  s: 'Schema',
  t: 'Table',
  c: 'Column',
  d: 'Data type',
  n: 'Constraint',
  F: 'File',
  L: 'Line',
  R: 'Routine',
};

/** The first field of this code, or undefined. */
function errorField(fields: ErrorFields, code: string): string | undefined {
  return fields.find(([known]) => known === code)?.[1];
}

/** What the server meant, in the form a trace keeps. */
export interface ServerError {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  /** Function of the server's source that reported it: untranslated, and the same since 7.4. */
  readonly routine?: string;
}

export function serverError(fields: ErrorFields): ServerError {
  const detail = errorField(fields, 'D');
  const hint = errorField(fields, 'H');
  const routine = errorField(fields, 'R');
  return {
    severity: errorField(fields, 'V') ?? errorField(fields, 'S') ?? 'ERROR',
    code: errorField(fields, 'C') ?? '',
    message: errorField(fields, 'M') ?? '',
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
    ...(routine === undefined ? {} : { routine }),
  };
}

/** The user or database that an error names in English, where its text does; else null. */
export function nameIn(message: string, kind: 'user' | 'role' | 'database'): string | null {
  return new RegExp(`\\b${kind} "([^"]+)"`).exec(message)?.[1] ?? null;
}

export type ErrorExtra = Pick<ServerError, 'detail' | 'hint' | 'routine'>;

/** A FATAL error as the backend reports it: S, V, C, M and, where given, D and H. */
export function fatal(code: string, message: string, extra: ErrorExtra = {}): BackendMessage {
  return { name: 'ErrorResponse', fields: errorFields('FATAL', code, message, extra) };
}

export function errorFields(
  severity: string,
  code: string,
  message: string,
  extra: ErrorExtra = {},
): ErrorFields {
  const fields: [string, string][] = [
    ['S', severity],
    ['V', severity],
    ['C', code],
    ['M', message],
  ];
  if (extra.detail !== undefined) fields.push(['D', extra.detail]);
  if (extra.hint !== undefined) fields.push(['H', extra.hint]);
  if (extra.routine !== undefined) fields.push(['R', extra.routine]);
  return fields;
}
