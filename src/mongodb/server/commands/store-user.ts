import { MongoCode } from '../../errors';
import { logUserChange } from '../audit';
import type { Operation } from '../operation';
import { failure, type Result } from '../status';
import type { UserDocument } from '../user-document';
import { type Derive, makeCredentials, type UserStore } from '../user-store';
import type { UserArguments } from './user-arguments';

/** Makes credentials where a password is given, keeps those that are there where it is not, and writes the user. */
export function storeUser(
  operation: Operation,
  store: UserStore,
  { name, password, roles, mechanisms }: UserArguments,
  done: (result: Result<UserDocument>) => void,
): void {
  const old = store.find(name);
  const { service } = operation;
  const derive: Derive = (request) => new Promise((resolve) => operation.derive(request, resolve));
  const write = (credentials: UserDocument['credentials']): Result<UserDocument> => {
    const document = { ...name, credentials, roles: roles ?? old?.roles ?? [] };
    try {
      store.put(document);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return failure(MongoCode.INTERNAL_ERROR, `the user could not be stored: ${why}`);
    }
    service.users.invalidateUserByName(name);
    logUserChange(operation, old ? 'updateUser' : 'createUser', name);
    return { ok: true, value: document };
  };
  if (password === undefined) {
    done(write(old?.credentials ?? { external: true }));
    return;
  }
  const wanted = mechanisms ?? store.mechanismsByDefault;
  void makeCredentials({ ...name, password }, wanted, derive, service.options.random).then((made) => {
    done(made.ok ? write(made.value) : made);
  });
}
