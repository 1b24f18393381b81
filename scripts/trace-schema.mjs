// Writes media/trace-v2.schema.json, the JSON Schema of what `decode --format json` prints, from src/trace/model.ts.
// `--check` writes nothing and fails when the file is not what the source says.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGenerator } from 'ts-json-schema-generator';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const target = resolve(root, 'media/trace-v2.schema.json');

const generator = createGenerator({
  path: resolve(root, 'src/trace/model.ts'),
  tsconfig: resolve(root, 'src/tsconfig.pure.json'),
  type: 'TraceDocument',
  topRef: false,
  additionalProperties: false,
  skipTypeCheck: true,
});
const schema = {
  title: 'Handshake Inspector trace document, version 2',
  ...generator.createSchema('TraceDocument'),
};
const text = `${JSON.stringify(schema, null, 2)}\n`;

if (!process.argv.includes('--check')) {
  writeFileSync(target, text);
} else if (readFileSync(target, 'utf8') !== text) {
  process.stderr.write(
    'media/trace-v2.schema.json is not what src/trace/model.ts says: run npm run schema\n',
  );
  process.exit(1);
}
