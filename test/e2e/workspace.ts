// A folder to open: the project's own captures and nothing else, thrown away afterwards.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { outFolder, root } from '../../scripts/paths.mjs';

export interface Workspace {
  folder: string;
  remove(): void;
}

/** @param captures names in test/fixtures; `settings` become the folder's own */
export function makeWorkspace(
  captures: readonly string[],
  settings: Record<string, unknown> = {},
): Workspace {
  mkdirSync(path.join(outFolder, 'e2e'), { recursive: true });
  const folder = mkdtempSync(path.join(outFolder, 'e2e/workspace-'));
  for (const name of captures) cpSync(path.join(root, 'test/fixtures', name), path.join(folder, name));
  mkdirSync(path.join(folder, '.vscode'));
  writeFileSync(path.join(folder, '.vscode/settings.json'), JSON.stringify(settings, null, 2));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
