import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

const source = resolve(__dirname, '../../../src');

/** Files and packages that are loaded with `file`, before anything is asked of it: `import type` and `import()` do not count. */
function loadedWith(file: string, seen = new Set<string>(), packages = new Set<string>()) {
  if (seen.has(file)) return { files: seen, packages };
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, clause, specifier] of text.matchAll(/^(?:import|export)\s([^'"]*?)from\s+'([^']+)'/gms)) {
    const onlyTypes = clause.startsWith('type ') || /^\{(\s*type [\w\s]+,?)+\s*\}\s*$/.test(clause);
    if (onlyTypes) continue;
    if (specifier.startsWith('.')) loadedWith(`${join(dirname(file), specifier)}.ts`, seen, packages);
    else packages.add(specifier);
  }
  return { files: seen, packages };
}

it('loads next to nothing at activation: no decoder, no socket, no language client', () => {
  const entry = join(source, 'extension/extension.ts');
  expect(existsSync(entry)).toBe(true);
  const { files, packages } = loadedWith(entry);
  const others = [...files]
    .map((file) => relative(source, file))
    // Small, and whatever is shown goes through it.
    .filter((file) => !/^(contract|extension|base\/shown)\//.test(file));
  // Two lists of words, so that settings offer what the machines know.
  expect(others.toSorted()).toEqual(['mongodb/mechanisms/mechanism.ts', 'postgres/options/option-values.ts']);
  expect([...packages].toSorted()).toEqual(['node:os', 'valibot', 'vscode']);
  // The walk sees what is there.
  expect([...loadedWith(join(source, 'extension/language-service.ts')).packages]).toContain(
    'vscode-languageclient/node',
  );
});
