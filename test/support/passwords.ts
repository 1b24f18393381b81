import type { Memento, SecretStorage } from 'vscode';
import { Passwords } from '../../src/extension/passwords';

/** Passwords in memory, with what is kept in each of the two places. */
export function passwordStorage() {
  const secrets = new Map<string, string>();
  const values = new Map<string, unknown>();
  const passwords = new Passwords(
    {
      get: async (key: string) => secrets.get(key),
      store: async (key: string, value: string) => void secrets.set(key, value),
      delete: async (key: string) => void secrets.delete(key),
    } as unknown as SecretStorage,
    {
      get: (key: string) => values.get(key),
      update: async (key: string, value: unknown) => void values.set(key, value),
    } as unknown as Memento,
  );
  return { passwords, secrets, values };
}
