import { expect, it, vi } from 'vitest';
import type * as vscode from 'vscode';
import { affectsReading } from '../../../src/extension/settings';

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
