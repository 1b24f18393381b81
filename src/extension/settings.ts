import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { Protocol } from '../trace/model';
import { decodeAsRows } from './decode-as-rows';
import { type HostSettings, type PathContext, parseHosts, resolvePath } from './host-settings';

export const SECTION = 'handshakeInspector';

const DEFAULT_TIMEOUT_MS = 10_000;

export function readHosts(): HostSettings {
  return parseHosts(vscode.workspace.getConfiguration(SECTION).get('hosts'));
}

/** Longest wait at any one step of a test, milliseconds. A value that is no sensible number counts as the default. */
export function readTimeout(): number {
  const value: unknown = vscode.workspace.getConfiguration(SECTION).get('timeoutMs');
  return typeof value === 'number' && value >= 100 && value <= 600_000 ? value : DEFAULT_TIMEOUT_MS;
}

/** Path of the TLS key log, or null when none is set. */
export function readKeyLogFile(): string | null {
  const value: unknown = vscode.workspace.getConfiguration(SECTION).get('keyLogFile');
  return typeof value === 'string' && value.trim() !== '' ? resolvePath(value.trim(), pathContext()) : null;
}

/** Where a recording ends by itself. A value that is no sensible number counts as the default. */
export function readRecordingLimits(): { readonly maxBytes: number; readonly maxMs: number } {
  const megabytes: unknown = vscode.workspace.getConfiguration(SECTION).get('recordingMegabytes');
  const minutes: unknown = vscode.workspace.getConfiguration(SECTION).get('recordingMinutes');
  return {
    maxBytes: Math.round(within(megabytes, 1, 10_000, 100) * 1_000_000),
    maxMs: Math.round(within(minutes, 1, 1_440, 60) * 60_000),
  };
}

/** How a capture is read; each by the name of its setting. */
export function readingSettings(): {
  readonly keyLogFile: string | null;
  readonly unpackedMegabytes?: number;
  readonly decodeAs: string[];
} {
  return {
    keyLogFile: readKeyLogFile(),
    unpackedMegabytes: readUnpackedMegabytes(),
    decodeAs: decodeAsRows(readDecodeAs()),
  };
}

/** Whether captures that are open would be read otherwise than they were. */
export function affectsReading(event: vscode.ConfigurationChangeEvent): boolean {
  return Object.keys(readingSettings()).some((name) => event.affectsConfiguration(`${SECTION}.${name}`));
}

/** Most that a compressed capture is unpacked to, megabytes; undefined leaves it to the server. */
function readUnpackedMegabytes(): number | undefined {
  const value: unknown = vscode.workspace.getConfiguration(SECTION).get('unpackedMegabytes');
  return typeof value === 'number' && value >= 1 ? value : undefined;
}

/** Protocols by port, as the user wrote them; what is no object counts as none. */
function readDecodeAs(): Readonly<Record<string, unknown>> {
  return entriesOf(vscode.workspace.getConfiguration(SECTION).get('decodeAs'));
}

function entriesOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/**
 * Sets what is spoken on a port, for this workspace where there is one; `null` takes it back wherever it stands. The settings of a workspace
 * that is not trusted do not count, so they are left alone and the user's are written. What is read is merged of both; each is written from
 * its own entries.
 */
export async function writeDecodeAs(port: number, protocol: Protocol | null): Promise<void> {
  const { isTrusted, workspaceFolders } = vscode.workspace;
  const settings = vscode.workspace.getConfiguration(SECTION);
  const { globalValue, workspaceValue } = settings.inspect('decodeAs') ?? {};
  const { Global, Workspace } = vscode.ConfigurationTarget;
  const user = { target: Global, own: entriesOf(globalValue) };
  const scopes =
    workspaceFolders && isTrusted ? [{ target: Workspace, own: entriesOf(workspaceValue) }, user] : [user];
  if (protocol !== null) {
    const [{ target, own }] = scopes;
    await settings.update('decodeAs', { ...own, [port]: protocol }, target);
    return;
  }
  for (const { target, own } of scopes) {
    if (!(port in own)) continue;
    const { [port]: _before, ...others } = own;
    await settings.update('decodeAs', Object.keys(others).length > 0 ? others : undefined, target);
  }
}

function within(value: unknown, lowest: number, highest: number, otherwise: number): number {
  return typeof value === 'number' && value >= lowest && value <= highest ? value : otherwise;
}

export function pathContext(): PathContext {
  return { home: homedir(), workspace: vscode.workspace.workspaceFolders?.[0]?.uri.fsPath };
}

/** Opens the setting where the user keeps it. */
export async function openSetting(name: string): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openSettings', `${SECTION}.${name}`);
}
