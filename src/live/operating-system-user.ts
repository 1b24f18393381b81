import { userInfo } from 'node:os';

/** The name that libpq and psql take for a user who gave none. */
export function operatingSystemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // No entry in the user database, as in some containers.
    return '';
  }
}
