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

/** mongod's `admin.system.users` and `admin.system.version`, in memory. */
export class UserStore {
  readonly #users = new Map<string, UserDocument>();

  /** @param schemaVersion `authSchema.currentVersion`: 5 unless an old deployment is played. */
  constructor(public schemaVersion: number = SchemaVersion.V28_SCRAM) {}

  /** Adds or replaces a user with credentials made from its password. */
  async createUser(user: NewUser, derive: Derive, random: RandomBytes): Promise<Result<UserDocument>> {
    const credentials = await makeCredentials(user, this.#mechanisms(user), derive, random);
    if (!credentials.ok) return credentials;
    const document = {
      user: user.user,
      db: user.db,
      credentials: credentials.value,
      roles: user.roles ?? [],
    };
    this.#users.set(userKey(user), document);
    return success(document);
  }

  /** Adds a user of `$external`, whose credential is a certificate or another service. */
  createExternalUser(user: string): void {
    const document = { user, db: '$external', credentials: { external: true }, roles: [] } as const;
    this.#users.set(userKey(document), document);
  }

  /** Whether there was one. */
  dropUser(name: UserName): boolean {
    return this.#users.delete(userKey(name));
  }

  get users(): readonly UserDocument[] {
    return [...this.#users.values()];
  }

  /** Answers `fetchVersion`. */
  fetchVersion(): Result<number> {
    return success(this.schemaVersion);
  }

  /** Answers `fetchUser`, as `usersInfo` with `showCredentials: true` does. */
  fetchUser(name: UserName): Result<UserDocument> {
    const document = this.#users.get(userKey(name));
    if (document) return success(document);
    return failure(MongoCode.USER_NOT_FOUND, `Could not find user ${userText(name)}`);
  }

  /** What each schema holds: digests up to 3, SCRAM from 5 on. */
  #mechanisms(user: NewUser): readonly CredentialMechanism[] {
    if (user.mechanisms) return user.mechanisms;
    return this.schemaVersion >= SchemaVersion.V28_SCRAM ? ['SCRAM-SHA-1', 'SCRAM-SHA-256'] : ['MONGODB-CR'];
  }
}

async function makeCredentials(
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

function storedScram(verifier: ScramVerifier): ScramCredential {
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
