import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const source = resolve(__dirname, '../../../src');

/** The rooms in their order: each imports only from those before it. ARCHITECTURE.md has the reasons. */
const ROOMS = [
  'base',
  'trace',
  'capture',
  'network',
  'tls',
  'auth',
  'diagnosis',
  'postgres',
  'mongodb',
  'inspect',
  'contract',
  'files',
  'recorder',
  'live',
  'lab',
  'cli',
  'language',
  'extension',
  'webview',
] as const;

/** Pairs that the order would allow and the design does not: processes meet in `contract` alone. */
const APART: readonly (readonly [string, string])[] = [
  ['extension', 'cli'],
  ['extension', 'language'],
  ['extension', 'recorder'],
  ['webview', 'recorder'],
  ['live', 'recorder'],
  ['lab', 'recorder'],
  ['language', 'cli'],
  ['language', 'live'],
  ['language', 'lab'],
  ['webview', 'extension'],
  ['webview', 'language'],
  ['webview', 'cli'],
  ['webview', 'live'],
  ['webview', 'lab'],
  ['webview', 'files'],
  ['lab', 'files'],
  ['live', 'files'],
  ['mongodb', 'postgres'],
];

/** What any room above `files` may use of it: how a file is written. */
const FOR_ALL = /\/files\/(write-whole|temporary-folder)$/;

/** Rooms without Node, VS Code or DOM. */
const PURE = ROOMS.slice(0, ROOMS.indexOf('files'));

interface Import {
  readonly file: string;
  readonly specifier: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sourceFiles(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const pattern = /(?:\bfrom\s*|\bimport\s*\(\s*|^import\s+)['"]([^'"]+)['"]/gm;
  return [...text.matchAll(pattern)].map((match) => ({ file, specifier: match[1] }));
}

function roomOf(path: string): string {
  return relative(source, path).split(sep)[0];
}

const imports = sourceFiles(source).flatMap(importsOf);

describe('rooms', () => {
  it('has source files in every room and no room outside the list', () => {
    const present = readdirSync(source).filter((name) => statSync(join(source, name)).isDirectory());
    expect(present.sort()).toEqual([...ROOMS].sort());
    for (const room of ROOMS) expect(sourceFiles(join(source, room)), room).not.toEqual([]);
  });

  it('imports only from rooms before it', () => {
    const order = new Map<string, number>(ROOMS.map((room, index) => [room, index]));
    const wrong = imports
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ file, specifier }) => ({
        from: roomOf(file),
        to: roomOf(resolve(dirname(file), specifier)),
        writes: FOR_ALL.test(specifier),
        file: relative(source, file),
      }))
      // The manifest is the one file outside the rooms that may be imported.
      .filter(({ from, to }) => from !== to && to !== '..')
      .filter(
        ({ from, to, writes }) =>
          (order.get(to) ?? Number.POSITIVE_INFINITY) > (order.get(from) ?? -1) ||
          (!writes && APART.some(([left, right]) => left === from && right === to)),
      );
    expect(wrong).toEqual([]);
  });

  it('keeps Node, VS Code and the DOM out of the pure rooms', () => {
    const wrong = imports
      .filter(({ file }) => (PURE as readonly string[]).includes(roomOf(file)))
      .filter(({ specifier }) => specifier.startsWith('node:') || specifier.startsWith('vscode'))
      .map(({ file, specifier }) => `${relative(source, file)} imports ${specifier}`);
    expect(wrong).toEqual([]);
  });

  it('names `vscode` in the extension only', () => {
    const wrong = imports
      .filter(({ specifier }) => specifier === 'vscode')
      .map(({ file }) => roomOf(file))
      .filter((room) => room !== 'extension');
    expect(wrong).toEqual([]);
  });

  it('would notice an import (it finds the ones that are there)', () => {
    expect(imports.length).toBeGreaterThan(100);
    expect(imports.some(({ specifier }) => specifier === '../base/mark')).toBe(true);
  });
});
