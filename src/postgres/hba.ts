import type { HbaMethod, HbaRule } from './backend-options';

export interface HbaQuery {
  readonly secure: boolean;
  readonly database: string;
  readonly user: string;
}

export type HbaResult =
  | { readonly kind: 'rule'; readonly line: number; readonly method: HbaMethod }
  /** No line matched (`uaImplicitReject`). */
  | { readonly kind: 'none' };

/** The first line that matches, counted from 1 (`check_hba`). */
export function matchHba(rules: readonly HbaRule[], query: HbaQuery): HbaResult {
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i];
    if (rule.type === 'hostssl' && !query.secure) continue;
    if (rule.type === 'hostnossl' && query.secure) continue;
    if (!names(rule.database, query.database) || !names(rule.user, query.user)) continue;
    return { kind: 'rule', line: i + 1, method: rule.method };
  }
  return { kind: 'none' };
}

function names(list: readonly string[] | 'all', name: string): boolean {
  return list === 'all' || list.includes(name);
}

/** The words of a refusal by pg_hba.conf (`ClientAuthentication`), SQLSTATE 28000. */
export function hbaRefusal(explicit: boolean, address: string, query: HbaQuery): string {
  const where = `host "${address}", user "${query.user}", database "${query.database}"`;
  const encryption = query.secure ? 'SSL encryption' : 'no encryption';
  const what = explicit ? 'pg_hba.conf rejects connection for' : 'no pg_hba.conf entry for';
  return `${what} ${where}, ${encryption}`;
}
