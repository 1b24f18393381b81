import { fromBase64, toBase64 } from '../../auth/base64';
import { mongoPasswordDigest } from '../../auth/mongodb-cr';
import { mongoSha256Password } from '../../auth/saslprep';
import type { ScramHash } from '../../auth/scram';
import { SCRAM_KEY_LENGTH, type ScramVerifier, verifierFromSalted } from '../../auth/scram-keys';
import { utf8Bytes } from '../../base/bytes';
import type { DeriveEffect, RandomBytes } from '../../base/machine';
import { MongoCode } from '../errors';
import { failure, type Result, success } from './status';
import {
  SchemaVersion,
  type ScramCredential,
  type StoredCredentials,
  type UserDocument,
  type UserName,
  userKey,
  userText,
} from './user-document';

/** PBKDF2, by whoever has a fast one. */
export type Derive = (
  request: Pick<DeriveEffect, 'hash' | 'password' | 'salt' | 'iterations' | 'length'>,
) => Uint8Array | Promise<Uint8Array>;

export type CredentialMechanism = 'MONGODB-CR' | 'SCRAM-SHA-1' | 'SCRAM-SHA-256';

export interface NewUser extends UserName {
  readonly password: string;
  /** Which credentials to make; by default those that the schema version holds. */
  readonly mechanisms?: readonly CredentialMechanism[];
  readonly roles?: UserDocument['roles'];
  readonly iterations?: Partial<Record<'SCRAM-SHA-1' | 'SCRAM-SHA-256', number>>;
}

/** Server defaults: `scramIterationCount` and `scramSHA256IterationCount`. */
export const SCRAM_ITERATIONS = { 'SCRAM-SHA-1': 10_000, 'SCRAM-SHA-256': 15_000 } as const;

/** Salt lengths of the server: the digest's length less four. */
export const SALT_BYTES = { 'SCRAM-SHA-1': 16, 'SCRAM-SHA-256': 28 } as const;

const HASH: Readonly<Record<'SCRAM-SHA-1' | 'SCRAM-SHA-256', ScramHash>> = {
  'SCRAM-SHA-1': 'sha1',
  'SCRAM-SHA-256': 'sha256',
};

/** What a store holds, as it is written to a file. */
export interface UserStoreSnapshot {
  readonly schemaVersion: number;
  readonly users: readonly UserDocument[];
}

export interface UserStoreOptions {
  /** `authSchema.currentVersion`: 5 unless an old deployment is played. */
  readonly schemaVersion?: number;
  /** Users that were there before. */
  readonly users?: readonly UserDocument[];
  /** Called with every change before anybody is told of it; one that throws undoes the change. */
  readonly save?: (snapshot: UserStoreSnapshot) => void;
}

/** mongod's `admin.system.users` and `admin.system.version`. */
export class UserStore {
  readonly schemaVersion: number;
  readonly #save: ((snapshot: UserStoreSnapshot) => void) | undefined;
  #users: ReadonlyMap<string, UserDocument>;
  #generation = 0;

  constructor(options: UserStoreOptions = {}) {
    this.schemaVersion = options.schemaVersion ?? SchemaVersion.V28_SCRAM;
    this.#users = new Map((options.users ?? []).map((user) => [userKey(user), user]));
    this.#save = options.save;
  }

  /** Changes with every change of a user (mongod `_getUserCacheGeneration`). */
  get generation(): number {
    return this.#generation;
  }

  get users(): readonly UserDocument[] {
    return [...this.#users.values()];
  }

  /** Adds or replaces a user with credentials made from its password. */
  async createUser(user: NewUser, derive: Derive, random: RandomBytes): Promise<Result<UserDocument>> {
    const credentials = await makeCredentials(
      user,
      user.mechanisms ?? this.mechanismsByDefault,
      derive,
      random,
    );
    if (!credentials.ok) return credentials;
    const { user: name, db, roles } = user;
    const document = { user: name, db, credentials: credentials.value, roles: roles ?? [] };
    this.put(document);
    return success(document);
  }

  /** Adds a user of `$external`, whose credential is a certificate or another service. */
  createExternalUser(user: string, roles: UserDocument['roles'] = []): void {
    this.put({ user, db: '$external', credentials: { external: true }, roles });
  }

  /** Adds or replaces a user. */
  put(document: UserDocument): void {
    this.#change(new Map(this.#users).set(userKey(document), document));
  }

  /** Whether there was one. */
  dropUser(name: UserName): boolean {
    const users = new Map(this.#users);
    if (!users.delete(userKey(name))) return false;
    this.#change(users);
    return true;
  }

  find(name: UserName): UserDocument | undefined {
    return this.#users.get(userKey(name));
  }

  /** Answers `fetchVersion`. */
  fetchVersion(): Result<number> {
    return success(this.schemaVersion);
  }

  /** Answers `fetchUser`, as `usersInfo` with `showCredentials: true` does. */
  fetchUser(name: UserName): Result<UserDocument> {
    const document = this.find(name);
    if (document) return success(document);
    return failure(MongoCode.USER_NOT_FOUND, `Could not find user ${userText(name)}`);
  }

  #change(users: ReadonlyMap<string, UserDocument>): void {
    this.#save?.({ schemaVersion: this.schemaVersion, users: [...users.values()] });
    this.#users = users;
    this.#generation++;
  }

  /** What each schema holds: digests up to 3, SCRAM from 5 on. */
  get mechanismsByDefault(): readonly CredentialMechanism[] {
    return this.schemaVersion >= SchemaVersion.V28_SCRAM ? ['SCRAM-SHA-1', 'SCRAM-SHA-256'] : ['MONGODB-CR'];
  }
}

/** What is stored of a password. */
export async function makeCredentials(
  user: NewUser,
  mechanisms: readonly CredentialMechanism[],
  derive: Derive,
  random: RandomBytes,
): Promise<Result<StoredCredentials>> {
  const digest = mongoPasswordDigest(user.user, user.password);
  let credentials: StoredCredentials = {};
  for (const mechanism of mechanisms) {
    if (mechanism === 'MONGODB-CR') {
      credentials = { ...credentials, 'MONGODB-CR': digest };
      continue;
    }
    let password = digest;
    if (mechanism === 'SCRAM-SHA-256') {
      const prepared = mongoSha256Password(user.password);
      if (!prepared.ok) return failure(MongoCode.BAD_VALUE, `The password is not valid: ${prepared.reason}`);
      password = prepared.text;
    }
    const hash = HASH[mechanism];
    const salt = random(SALT_BYTES[mechanism]);
    const iterations = user.iterations?.[mechanism] ?? SCRAM_ITERATIONS[mechanism];
    const request = { hash, password: utf8Bytes(password), salt, iterations, length: SCRAM_KEY_LENGTH[hash] };
    const verifier = verifierFromSalted(hash, await derive(request), salt, iterations);
    credentials = { ...credentials, [mechanism]: storedScram(verifier) };
  }
  return success(credentials);
}

export function storedScram(verifier: ScramVerifier): ScramCredential {
  return {
    iterationCount: verifier.iterations,
    salt: toBase64(verifier.salt),
    storedKey: toBase64(verifier.storedKey),
    serverKey: toBase64(verifier.serverKey),
  };
}

/** A stored credential as SCRAM's server half needs it; `undefined` when its base64 is damaged. */
export function verifierOf(hash: ScramHash, stored: ScramCredential): ScramVerifier | undefined {
  const salt = fromBase64(stored.salt);
  const storedKey = fromBase64(stored.storedKey);
  const serverKey = fromBase64(stored.serverKey);
  if (!salt || !storedKey || !serverKey) return undefined;
  return { hash, salt, iterations: stored.iterationCount, storedKey, serverKey };
}
