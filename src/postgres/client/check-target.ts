import type { TargetSessionAttrs } from '../options/option-values';

/**
 * Why this server is not what was asked for, in libpq's words, or null (`PQconnectPoll`, case CONNECTION_CHECK_TARGET).
 *
 * @param parameters what ParameterStatus reported, or a query found out: see {@link targetQuery}.
 */
export function targetProblem(
  target: TargetSessionAttrs,
  parameters: ReadonlyMap<string, string>,
): string | null {
  const standby = parameters.get('in_hot_standby');
  const readOnly = parameters.get('default_transaction_read_only');
  switch (target) {
    case 'any':
    // Which of several servers is preferred is decided over all of them.
    case 'prefer-standby':
      return null;
    case 'read-write':
      return standby === 'on' || readOnly === 'on' ? 'session is read-only' : null;
    case 'read-only':
      return standby === 'off' && readOnly === 'off' ? 'session is not read-only' : null;
    case 'primary':
      return standby === 'on' ? 'server is in hot standby mode' : null;
    case 'standby':
      // Undefined: a server before 9.0.
      return standby !== 'on' ? 'server is not in hot standby mode' : null;
  }
}

export type TargetQuery = 'SHOW transaction_read_only' | 'SELECT pg_catalog.pg_is_in_recovery()';

/** First version with a standby that answers queries. */
const FIRST_STANDBY = 9;

/**
 * The query that libpq asks a server before 14, which reports neither parameter (CONNECTION_CHECK_WRITABLE and CONNECTION_CHECK_STANDBY); null
 * where nothing needs to be asked. A server before 9.0 is no standby.
 */
export function targetQuery(
  target: TargetSessionAttrs,
  parameters: ReadonlyMap<string, string>,
): TargetQuery | null {
  const standby = parameters.get('in_hot_standby');
  const readOnly = parameters.get('default_transaction_read_only');
  switch (target) {
    case 'read-write':
    case 'read-only':
      return standby === undefined || readOnly === undefined ? 'SHOW transaction_read_only' : null;
    case 'primary':
    case 'standby': {
      const version = Number.parseFloat(parameters.get('server_version') ?? '');
      if (standby !== undefined || version < FIRST_STANDBY) return null;
      return 'SELECT pg_catalog.pg_is_in_recovery()';
    }
    default:
      return null;
  }
}

/** What the answer to a {@link TargetQuery} stands for, as parameters. */
export function targetAnswer(
  query: TargetQuery,
  value: string,
): readonly (readonly [string, 'on' | 'off'])[] {
  if (query === 'SHOW transaction_read_only') {
    const on = value.startsWith('on') ? 'on' : 'off';
    return [
      ['default_transaction_read_only', on],
      ['in_hot_standby', on],
    ];
  }
  return [['in_hot_standby', value.startsWith('t') ? 'on' : 'off']];
}
