import { afterEach, describe, expect, it, vi } from 'vitest';
import type * as vscode from 'vscode';
import { affectsReading, readingSettings, writeDecodeAs } from '../../../src/extension/settings';
import { settings, workspace } from '../../support/vscode';

vi.mock('vscode', () => import('../../support/vscode'));

const changed = (setting: string) =>
  ({ affectsConfiguration: (name) => name === setting }) as vscode.ConfigurationChangeEvent;

it.each([
  ['keyLogFile', true],
  ['decodeAs', true],
  ['unpackedMegabytes', true],
  ['recordingMegabytes', false],
  ['timeoutMs', false],
])('a change of %s has open captures read again: %s', (name, again) => {
  expect(affectsReading(changed(`handshakeInspector.${name}`))).toBe(again);
});

describe('Decode Port as…', () => {
  afterEach(() => {
    settings.clear();
    Object.assign(workspace, { isTrusted: true, workspaceFolders: undefined });
  });

  const mongo = { '10255': 'mongodb' };
  const other = { '6432': 'postgres' };
  /** What each scope holds before, what is chosen for port 10255, and what each holds then; absent: nothing. */
  const CASES = [
    ['without a workspace: the user', false, true, [other], 'mongodb', [{ ...other, ...mongo }]],
    ['in a workspace: it alone', true, true, [other], 'mongodb', [other, mongo]],
    ['beside its own', true, true, [mongo, other], 'postgres', [mongo, { ...other, '10255': 'postgres' }]],
    [
      'not trusted: the user',
      true,
      false,
      [other, mongo],
      'postgres',
      [{ ...other, '10255': 'postgres' }, mongo],
    ],
    [
      'back from the workspace',
      true,
      true,
      [other, { ...mongo, '1': 'postgres' }],
      null,
      [other, { '1': 'postgres' }],
    ],
    ['back from the user too', true, true, [{ ...other, ...mongo }, mongo], null, [other]],
    ['back where it is not', true, true, [other], null, [other]],
    ['back, not trusted: from the user', true, false, [mongo, mongo], null, [undefined, mongo]],
    ['in place of what is no object', true, true, [other, ['x']], 'mongodb', [other, mongo]],
  ] as const;

  it.each(CASES)('%s', async (_what, folder, trusted, before, chosen, after) => {
    Object.assign(workspace, { isTrusted: trusted, workspaceFolders: folder ? [{}] : undefined });
    settings.set('decodeAs', { globalValue: before[0], workspaceValue: before[1] });
    await writeDecodeAs(10_255, chosen);
    expect(settings.get('decodeAs')).toEqual({ globalValue: after[0], workspaceValue: after[1] });
    if (!trusted) return;
    const rows = readingSettings().decodeAs.filter((row) => row.startsWith('10255='));
    expect(rows).toEqual(chosen === null ? [] : [`10255=${chosen}`]);
  });
});
