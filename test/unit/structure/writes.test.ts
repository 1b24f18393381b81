import { describe, expect, it } from 'vitest';
import { lineAt, sourceTexts } from './source';

/** The modules that may: every other file asks them, so that what is written is whole, private and tidied up. */
const WRITERS = ['files/write-whole.ts', 'files/write-place.ts', 'files/temporary-folder.ts'];

/** What else touches a disk, and why it may. */
const ELSEWHERE: readonly (readonly [file: string, call: string, why: string])[] = [
  ['cli/lab.ts', 'mkdir', 'makes the folder that the certificates are written to'],
  ['cli/record.ts', 'rm', 'removes its own temporary folder'],
  ['lab/root-file.ts', 'rm', 'removes its own temporary folder'],
  ['recorder/key-log-tail.ts', 'openSync', 'opens a pipe to read without waiting for a writer'],
  ['recorder/recorder.ts', 'rm', 'removes the file of a recording that did not begin'],
  ['extension/write-file.ts', 'fs.writeFile', 'a file that is on no disk'],
  ['extension/recording-files.ts', 'fs.createDirectory', 'the folder of recordings'],
  ['extension/recording-files.ts', 'fs.delete', 'recordings that are over'],
];

/** Names of `node:fs` and `node:fs/promises` that change what is on a disk. */
const CHANGING =
  /^(appendFile|chmod|chown|copyFile|cp|createWriteStream|fchmod|ftruncate|lchown|link|lutimes|mkdir|mkdtemp|open|openAsBlob|rename|rm|rmdir|symlink|truncate|unlink|utimes|write|writeFile|writev|WriteStream)(Sync)?$/;

const READS_ONLY = /^open(Sync)?\((?:[^()]|\([^()]*\))*,\s*'r'\s*\)/;

interface Call {
  readonly file: string;
  readonly call: string;
  readonly line: number;
}

/** Every call of such a function, by whatever it is imported as, and of the editor's file system. */
function callsIn({ file, text }: { readonly file: string; readonly text: string }): Call[] {
  const found: Call[] = [];
  const note = (call: string, offset: number) => found.push({ file, call, line: lineAt(text, offset) });
  for (const [whole, names] of text.matchAll(
    /import\s+(?!type\b)([^;]*?)\s+from\s+'(?:node:)?fs(?:\/promises)?'/g,
  )) {
    // A whole module under one name hides what is called.
    if (!names.startsWith('{')) note(names, text.indexOf(whole));
    for (const part of names.replace(/[{}]/g, '').split(',')) {
      const [name, as = name] = part.trim().split(/\s+as\s+/);
      if (!CHANGING.test(name)) continue;
      for (const { index } of text.matchAll(new RegExp(`(?<![\\w.#])${as}\\(`, 'g'))) {
        if (!(/^open/.test(name) && READS_ONLY.test(text.slice(index)))) note(name, index);
      }
    }
  }
  for (const { index } of text.matchAll(/(?:import|require)\(\s*'(?:node:)?fs(?:\/promises)?'/g))
    note('import()', index);
  for (const { index, 1: name } of text.matchAll(/\bfs\.(writeFile|delete|rename|copy|createDirectory)\b/g))
    note(`fs.${name}`, index);
  return found;
}

describe('writing files', () => {
  const calls = sourceTexts()
    .filter(({ file }) => !WRITERS.includes(file))
    .flatMap(callsIn);

  it('is done by one module', () => {
    const unexpected = calls
      .filter(({ file, call }) => !ELSEWHERE.some(([at, what]) => at === file && what === call))
      .map(({ file, line, call }) => `${file}:${line} calls ${call}`);
    expect(unexpected).toEqual([]);
  });

  it('has no exception that is not needed', () => {
    const unneeded = ELSEWHERE.filter(
      ([file, what]) => !calls.some((call) => call.file === file && call.call === what),
    );
    expect(unneeded).toEqual([]);
  });

  it.each([
    ["import { writeFile } from 'node:fs/promises';\nawait writeFile(a, b);", 'writeFile'],
    ["import { rename as move } from 'node:fs/promises';\nawait move(a, b);", 'rename'],
    ["import { openSync } from 'node:fs';\nopenSync(join(a, b), 'w');", 'openSync'],
    ["import * as fs from 'node:fs';", '* as fs'],
    ["import fs from 'fs';", 'fs'],
    ["const fs = await import('node:fs');", 'import()'],
    ['await vscode.workspace.fs.writeFile(uri, bytes);', 'fs.writeFile'],
  ])('would be noticed: %s', (text, call) => {
    expect(callsIn({ file: 'x.ts', text }).map((one) => one.call)).toEqual([call]);
  });

  it('may be reading', () => {
    expect(
      callsIn({ file: 'x.ts', text: "import { open } from 'node:fs/promises';\nopen(f(a), 'r');" }),
    ).toEqual([]);
  });
});
