import { utf8, utf8Bytes } from '../../base/bytes';
import { LIMITS } from '../constants';
import type { Role } from './backend-options';

/** Direct or indirect membership, itself included; roles that do not exist are members of nothing (`is_member`). */
export function isMember(roles: readonly Role[], user: string, role: string): boolean {
  const exists = (name: string) => roles.some((known) => known.name === name);
  if (!exists(user) || !exists(role)) return false;
  const seen = new Set<string>([user]);
  for (const name of seen) {
    if (name === role) return true;
    for (const next of roles.find((known) => known.name === name)?.memberOf ?? []) seen.add(next);
  }
  return false;
}

/** Names are cut to 63 bytes (`NAMEDATALEN`), at a character's boundary. */
export function cutName(name: string): string {
  const bytes = utf8Bytes(name);
  if (bytes.length <= LIMITS.name) return name;
  return utf8(bytes.subarray(0, LIMITS.name)).replace(/\uFFFD$/, '');
}
