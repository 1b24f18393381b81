import type { TargetSessionAttrs } from '../options/option-values';

/**
 * Why this server is not what was asked for, in libpq's words, or null (`PQconnectPoll`, case CONNECTION_CHECK_TARGET).
 * A server before 14 reports neither parameter; libpq then asks it with a query, and here it is taken as it is.
 *
 * @param parameters what ParameterStatus reported.
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
      return standby === 'off' ? 'server is not in hot standby mode' : null;
  }
}
