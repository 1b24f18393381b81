/** Compare sslmodes as the extension runs it: what becomes of a password that it keeps. */
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { accountOf } from '../../src/extension/account';
import { compareSslModes } from '../../src/extension/compare-modes';
import type { HostEntry } from '../../src/extension/host-list';
import type { Passwords } from '../../src/extension/passwords';
import type { Services } from '../../src/extension/services';
import { type PostgresLab, startPostgresLab } from '../../src/lab/postgres-lab';
import { targetFromUri } from '../../src/live/target';
import { passwordStorage } from '../support/passwords';
import * as vscode from '../support/vscode';

vi.mock('vscode', () => import('../support/vscode'));

let lab: PostgresLab;
beforeAll(async () => {
  lab = await startPostgresLab({
    port: 0,
    hba: [{ type: 'host', database: 'all', user: 'all', method: 'scram-sha-256' }],
  });
});
afterAll(() => lab.close());

let passwords: Passwords;
let services: Services;
let shown: string;
beforeEach(() => {
  passwords = passwordStorage().passwords;
  shown = '';
  services = {
    passwords,
    annotatedText: {
      showText: async (_: string, text: string) => {
        shown = text;
      },
    },
    report: (error: unknown) => {
      throw error;
    },
  } as unknown as Services;
  vscode.window.showInputBox.mockReset();
});

const key = () => accountOf(targetFromUri(lab.uri)).key;
const host = (given: Partial<HostEntry> = {}): HostEntry => ({
  id: 'host:Orders',
  name: 'Orders',
  protocol: 'postgres',
  kind: 'configured',
  address: `${lab.host}:${lab.port}`,
  uri: () => Promise.resolve(lab.uri),
  ...given,
});

it('forgets a stored password that the server refuses, and asks the next time', async () => {
  await passwords.store(key(), 'out of date');
  await compareSslModes(services, host());
  expect(shown).toContain('The server refused the password with disable');
  expect(vscode.window.showInputBox).not.toHaveBeenCalled();
  expect(await passwords.get(key())).toBeUndefined();
  vscode.window.showInputBox.mockResolvedValue(lab.accounts[0].password);
  await compareSslModes(services, host());
  expect(vscode.window.showInputBox).toHaveBeenCalledOnce();
  expect(await passwords.get(key())).toBe(lab.accounts[0].password);
});

it('keeps a stored password that the server takes, or was not given', async () => {
  await passwords.store(key(), lab.accounts[0].password);
  await compareSslModes(services, host());
  expect(shown).not.toContain('refused the password');
  expect(await passwords.get(key())).toBe(lab.accounts[0].password);
  await compareSslModes(services, host({ password: async () => 'of the lab' }));
  expect(shown).toContain('The server refused the password');
  expect(await passwords.get(key())).toBe(lab.accounts[0].password);
});
