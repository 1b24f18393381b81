/**
 * One capture per story in test/fixtures (those of test/fixtures/suites differ in nothing but the cipher), one golden text per capture in test/golden. A missing golden file fails; after a deliberate
 * change write them again with `npm run golden` and read the difference.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Ajv from 'ajv';
import { describe, expect, it } from 'vitest';
import schemaV1 from '../../media/trace-v1.schema.json';
import schema from '../../media/trace-v2.schema.json';
import { readCapture } from '../../src/files/read-capture';
import { redactDocument } from '../../src/trace/redact';
import { renderDocument } from '../../src/trace/text';
import { documentV1 } from '../../src/trace/version-1';
import { blanksOf } from '../support/blanks';

const fixtures = resolve(__dirname, '../fixtures');
const update = process.env.UPDATE_GOLDEN === '1';
const validate = new Ajv({ allErrors: true }).compile(schema);
const validateV1 = new Ajv({ allErrors: true }).compile(schemaV1);
const captures = readdirSync(fixtures)
  .filter((name) => /\.(pcap|pcapng|cap)(\.gz)?$/.test(name))
  .sort();

describe('golden traces', () => {
  it('has captures to read', () => {
    expect(captures.length).toBeGreaterThan(10);
  });

  it('has no golden text without a capture', () => {
    const texts = readdirSync(__dirname).filter((name) => name.endsWith('.txt'));
    expect(texts.sort()).toEqual(captures.map(goldenName).sort());
  });

  it.each(captures)('%s', async (name) => {
    const { document, damaged } = await readCapture(join(fixtures, name));
    expect(damaged).toBe(false);
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(document.traces.flatMap(({ diagnosis }) => blanksOf(diagnosis))).toEqual([]);
    const old = documentV1(document);
    expect(validateV1(old), JSON.stringify(validateV1.errors)).toBe(true);
    const { text } = renderDocument(redactDocument(document));
    const golden = join(__dirname, goldenName(name));
    if (update) writeFileSync(golden, text);
    expect(existsSync(golden), `${goldenName(name)} is missing: npm run golden writes it`).toBe(true);
    expect(text).toBe(readFileSync(golden, 'utf8'));
  });
});

function goldenName(capture: string): string {
  return `${capture.replace(/[\\/]/g, '-').replace(/\.(pcap|pcapng|cap)(\.gz)?$/, '')}.txt`;
}
