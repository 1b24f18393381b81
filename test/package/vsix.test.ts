import { readFileSync, statSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageExtension } from '../../scripts/package.mjs';
import { type ZipEntry, zipEntries } from '../support/zip';

/** What an extension with two protocols, its words and two webviews may weigh. */
const LIMIT_BYTES = 1_000_000;

/**
 * VS Code finds by itself which command, view, custom editor or language needs the extension. Every event named
 * in the manifest beyond that starts it in windows that have no use for it.
 */
const ALLOWED_ACTIVATION_EVENTS: string[] = [];

const FORBIDDEN: [what: string, pattern: RegExp][] = [
  ['a source map', /\.map$/],
  ['TypeScript', /\.[cm]?ts$/],
  ['a test', /(^|\/)(test|tests|__tests__)\/|\.test\.|\.spec\./],
  ['a fixture', /(^|\/)(fixtures|golden|demo)\/|\.(pcap|pcapng|cap)$/],
  ['a script of the project', /(^|\/)(scripts|\.ci)\/|\.sh$|\.mjs$/],
  ['an npm package', /(^|\/)node_modules\//],
  ['a file of an editor or of git', /(^|\/)\.(?!stamps)[^/]+/],
  ['a build stamp', /\.stamps/],
  ['a tsconfig, a lock file or a configuration', /tsconfig|package-lock|biome\.json|config\.m?[jt]s$/],
];

describe('the VSIX', () => {
  let file: string;
  let entries: ZipEntry[];
  const text = (name: string): string => {
    const entry = entries.find((each) => each.name === `extension/${name}`);
    if (!entry) throw new Error(`${name} is not in the package`);
    return entry.read().toString('utf8');
  };

  beforeAll(async () => {
    file = await packageExtension({ ifStale: true });
    entries = zipEntries(readFileSync(file));
  });

  test(`is not larger than ${LIMIT_BYTES / 1000} KB`, () => {
    expect(statSync(file).size).toBeLessThanOrEqual(LIMIT_BYTES);
  });

  test.each(FORBIDDEN)('holds no %s', (_what, pattern) => {
    const names = entries.map((entry) => entry.name.replace(/^extension\//, ''));
    expect(names.filter((name) => pattern.test(name) && name !== '[Content_Types].xml')).toEqual([]);
  });

  test('refers to no source map', () => {
    const scripts = entries.filter((entry) => entry.name.endsWith('.js'));
    expect(scripts.length).toBeGreaterThan(0);
    const mapped = scripts.filter((entry) => /^\/\/# sourceMappingURL=/m.test(entry.read().toString('utf8')));
    expect(mapped.map((entry) => entry.name)).toEqual([]);
  });

  test('asks for no activation event that VS Code does not see by itself', () => {
    expect(JSON.parse(text('package.json')).activationEvents ?? []).toEqual(ALLOWED_ACTIVATION_EVENTS);
  });

  test('holds what its manifest names', () => {
    const manifest = JSON.parse(text('package.json'));
    const files: string[] = [manifest.main, ...Object.values<string>(manifest.bin)];
    const icons = JSON.stringify(manifest.contributes ?? {}).matchAll(/"(?:\.\/)?(media\/[^"]+)"/g);
    files.push(...[...icons].map((match) => match[1] as string));
    if (manifest.icon) files.push(manifest.icon);
    for (const name of files) expect(text(name.replace(/^\.\//, '')).length).toBeGreaterThan(0);
  });

  test('names the packages whose code it contains, with their licences', () => {
    const notices = text('dist/THIRD_PARTY_LICENSES.txt');
    for (const name of ['lit', 'bson', 'commander', 'vscode-languageclient']) {
      expect(notices).toMatch(new RegExp(`^--- ${name} \\d`, 'm'));
    }
    expect(notices).toContain('THE SOFTWARE IS PROVIDED "AS IS"');
  });

  test('carries the documents of the project', () => {
    for (const name of ['readme.md', 'changelog.md', 'LICENSE.txt']) expect(text(name)).not.toBe('');
  });
});
