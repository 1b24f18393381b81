/** A user as mongod keeps it in `admin.system.users`, and as `usersInfo` with `showCredentials` gives it to mongos. */
export interface UserName {
  readonly user: string;
  /** The database that holds the user: the authentication source. */
  readonly db: string;
}

/** SCRAM credentials, base64 as stored. */
export interface ScramCredential {
  readonly iterationCount: number;
  readonly salt: string;
  readonly storedKey: string;
  readonly serverKey: string;
}

export interface StoredCredentials {
  /** hex(md5(user + ":mongo:" + password)), schema versions 2 and 3. */
  readonly 'MONGODB-CR'?: string;
  /** Schema version 5. */
  readonly 'SCRAM-SHA-1'?: ScramCredential;
  /** Schema version 5, from server 4.0. */
  readonly 'SCRAM-SHA-256'?: ScramCredential;
  /** Users of `$external`: the credential is elsewhere. */
  readonly external?: true;
}

export interface UserDocument extends UserName {
  readonly credentials: StoredCredentials;
  readonly roles: readonly { readonly role: string; readonly db: string }[];
}

/** Values of `authSchema.currentVersion` (mongos `AuthorizationManager::AuthorizationVersion`). */
export const SchemaVersion = { V24: 1, V26_UPGRADE: 2, V26_FINAL: 3, V28_SCRAM: 5 } as const;

/** A key for maps: no user or database name contains a NUL. */
export function userKey(name: UserName): string {
  return `${name.db}\0${name.user}`;
}

export function userText(name: UserName): string {
  return `${name.user}@${name.db}`;
}

/**
 * The user that servers know each other by (`internalSecurity.user`). It is in no collection: its password is the content of the key
 * file.
 */
export const INTERNAL_USER: UserName = { user: '__system', db: 'local' };

export function isInternal(name: UserName): boolean {
  return name.user === INTERNAL_USER.user && name.db === INTERNAL_USER.db;
}

/**
 * Who is meant by a user's name in an authentication. With `enableTestCommands` the internal user may be named on `admin`: a mongos does
 * not let anybody use `local` (`CmdAuthenticate::run`).
 */
export function principalOf(name: UserName, testCommands: boolean): UserName {
  return testCommands && name.db === 'admin' && name.user === INTERNAL_USER.user ? INTERNAL_USER : name;
}
