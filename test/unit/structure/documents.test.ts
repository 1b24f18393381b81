/** The documents speak of files that are there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(__dirname, '../../..');
const DOCUMENTS = ['ARCHITECTURE.md', 'README.md', 'SECURITY.md'];
const FOLDERS = ['src', 'test', 'docs', 'scripts', 'media'];

const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
    (name) => `${folder}/${name.replaceAll('\\', '/')}`,
  ),
);

/** Paths from the root, and names of source files by the end of their path, that are not there. */
function missing(text: string): string[] {
  const paths = [...text.matchAll(/(?<![\w./-])(?:src|test|docs|scripts|media)\/[\w./-]*\w/g)].map(
    ([path]) => path,
  );
  const names = [...text.matchAll(/`([\w.-]+(?:\/[\w.-]+)*\.(?:ts|mjs))`/g)].map(([, name]) => name);
  return [
    ...paths.filter((path) => !existsSync(join(root, path))),
    ...names.filter((name) => !files.some((file) => `/${file}`.endsWith(`/${name}`))),
  ];
}

describe('every file that a document names exists', () => {
  it.each(DOCUMENTS)('%s', (document) => {
    expect(missing(readFileSync(join(root, document), 'utf8'))).toEqual([]);
  });

  it('sees one that does not', () => {
    expect(missing('`no-such.ts`, src/no/such.ts, [causes](docs/causes.md) and (scripts/none).')).toEqual([
      'src/no/such.ts',
      'scripts/none',
      'no-such.ts',
    ]);
  });
});
