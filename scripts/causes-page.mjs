// Writes docs/causes.md, the page of every cause, from the catalogue and its words.
// `--check` writes nothing and fails when the page is not what the source says.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createViteServer } from 'vitest/node';
import { causesPage } from './causes/page.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const target = resolve(root, 'docs/causes.md');

const server = await createViteServer({
  root,
  configFile: false,
  logLevel: 'error',
  server: { middlewareMode: true, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
});
const [{ CAUSES }, { CAUSE_WORDS }, { diagnosisOf }] = await Promise.all(
  ['catalogue.ts', 'words/en/index.ts', 'render.ts'].map((name) =>
    server.ssrLoadModule(resolve(root, 'src/diagnosis', name)),
  ),
);
await server.close();
const text = causesPage({ CAUSES, CAUSE_WORDS, diagnosisOf });

if (!process.argv.includes('--check')) {
  writeFileSync(target, text);
} else if (readFileSync(target, 'utf8') !== text) {
  process.stderr.write('docs/causes.md is not what the catalogue says: run npm run causes\n');
  process.exit(1);
}
