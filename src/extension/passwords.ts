import type * as vscode from 'vscode';

const PREFIX = 'password:';
const INDEX = 'handshakeInspector.passwordKeys';

/**
 * Passwords of hosts, in VS Code's secret storage: asked for once, forgotten when the server refuses them or the user says so. The
 * storage cannot be listed, so that its keys (never its values) are remembered beside it.
 */
export class Passwords {
  readonly #secrets: vscode.SecretStorage;
  readonly #memento: vscode.Memento;

  constructor(secrets: vscode.SecretStorage, memento: vscode.Memento) {
    this.#secrets = secrets;
    this.#memento = memento;
  }

  async get(account: string): Promise<string | undefined> {
    return this.#secrets.get(PREFIX + account);
  }

  async store(account: string, password: string): Promise<void> {
    await this.#secrets.store(PREFIX + account, password);
    await this.#memento.update(INDEX, [...new Set([...this.accounts(), account])]);
  }

  async forget(account: string): Promise<void> {
    await this.#secrets.delete(PREFIX + account);
    await this.#memento.update(
      INDEX,
      this.accounts().filter((known) => known !== account),
    );
  }

  accounts(): string[] {
    const stored: unknown = this.#memento.get(INDEX);
    return Array.isArray(stored) ? stored.filter((key) => typeof key === 'string') : [];
  }
}
