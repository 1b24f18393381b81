import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv';
import { describe, expect, it } from 'vitest';
import schema1 from '../../../media/trace-v1.schema.json';
import schema from '../../../media/trace-v2.schema.json';
import { capturePaths } from '../../../src/cli/capture-paths';
import { decodeFile } from '../../../src/cli/decode-file';
import { Ahead } from '../../../src/cli/decode-worker';
import { documentWriter } from '../../../src/cli/document-writer';
import type { DecodeFormat, JsonVersion } from '../../../src/cli/formats';
import { type Rules, SARIF_START, sarifCause, sarifEnd } from '../../../src/cli/sarif';
import { workersFor } from '../../../src/cli/workers';
import { readCapture } from '../../../src/files/read-capture';
import { UNDECIDED } from '../../../src/trace/diagnosis';
import { traceMarkdown } from '../../../src/trace/markdown';
import { redactTrace } from '../../../src/trace/redact';
import { renderDocument, renderTrace } from '../../../src/trace/text';
import { traceOf } from '../../support/traces';

const fixtures = join(__dirname, '../../fixtures');
const file = join(fixtures, 'pg18-wrong-password-prefer.pcapng');

async function decoded(
  format: DecodeFormat,
  options: { several?: boolean; path?: string; jsonVersion?: JsonVersion } = {},
) {
  let text = '';
  const { several = false, path = file, jsonVersion } = options;
  const result = await decodeFile(path, { format, jsonVersion, reveal: false, several }, (piece) => {
    text += piece;
    return undefined;
  });
  return { ...result, text };
}

/** Traces of lines, without the file that each names. */
function lineTraces(text: string): object[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { file: from, ...trace } = JSON.parse(line);
      expect(from).toBe(file);
      return trace;
    });
}

async function expected() {
  const { document } = await readCapture(file);
  return { ...document, traces: document.traces.map((trace) => redactTrace(trace)) };
}

describe('decodeFile', () => {
  it.each([false, true])('json: the document, several %s', async (several) => {
    const { text, status } = await decoded('json', { several });
    expect(status).toBe(0);
    const document = JSON.parse(text);
    expect(document).toEqual(JSON.parse(JSON.stringify(await expected())));
    const validate = new Ajv({ allErrors: true }).compile(schema);
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    // One line alone when several documents follow each other; one a trace, and two, else.
    expect(text.split('\n').length - 1).toBe(several ? 1 : document.traces.length + 2);
  });

  it('text: the same as the whole document rendered at once', async () => {
    const document = await expected();
    expect((await decoded('text')).text).toBe(renderDocument(document).text);
  });

  it('list: a line for each connection, then what was read', async () => {
    const { text } = await decoded('list');
    const { traces } = await expected();
    const lines = text.trimEnd().split('\n');
    const wrong = (await expected()).summary?.filter(({ severity }) => severity !== 'ok') ?? [];
    expect(lines).toHaveLength(traces.length + 1 + wrong.length);
    wrong.forEach(({ code, what }, at) => {
      expect(lines[traces.length + 1 + at]).toContain(code);
      expect(lines[traces.length + 1 + at]).toContain(what);
    });
    traces.forEach((trace, at) => {
      expect(lines[at]).toContain(`  ${trace.diagnosis.code}`);
      expect(lines[at].startsWith(`${trace.id} `)).toBe(true);
      expect(lines[at]).toContain(trace.verdict);
      expect(lines[at].includes(`(retry of ${trace.retryOf})`)).toBe(trace.retryOf !== null);
    });
    expect(lines[traces.length]).toContain(`${traces.length} handshakes`);
  });

  it('ndjson: a trace a line, with its file', async () => {
    const { text } = await decoded('ndjson');
    const lines = text.trimEnd().split('\n');
    const { traces } = await expected();
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      traces.map((trace) => JSON.parse(JSON.stringify({ file, ...trace }))),
    );
  });

  it.each(['json', 'ndjson'] as const)(
    '%s of version 1: as its schema has it, without causes',
    async (format) => {
      const { text } = await decoded(format, { jsonVersion: '1' });
      const { capture, traces } = await expected();
      const validate = new Ajv({ allErrors: true }).compile(schema1);
      const document =
        format === 'json' ? JSON.parse(text) : { version: 1, capture, traces: lineTraces(text) };
      expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
      expect(document.traces).toHaveLength(traces.length);
      expect(text).not.toContain('diagnosis');
    },
  );

  it('sarif: a result a failed handshake and a finding, with its rule', async () => {
    const { text, rules } = await decoded('sarif');
    const log = JSON.parse(SARIF_START + text + sarifEnd(rules, '1.0.0'));
    const { traces } = await expected();
    const codes = traces.flatMap(({ outcome, diagnosis, findings }) => [
      ...(outcome === 'failed' ? [diagnosis.code] : []),
      ...findings.map((finding) => finding.code),
    ]);
    expect(codes.length).toBeGreaterThan(traces.length);
    const [run] = log.runs;
    const { what, why } = traces[0].diagnosis;
    expect(run.results[0]).toMatchObject({ ruleId: 'PG_PASSWORD_REFUSED', level: 'error' });
    expect(run.results[0].message.text).toContain(`${what} ${why}`);
    expect(run.tool.driver.rules.find(({ id }: { id: string }) => id === codes[0])).toMatchObject({
      shortDescription: { text: expect.stringMatching(/28P01/) },
      help: { text: expect.stringContaining('client') },
    });
    expect(log.version).toBe('2.1.0');
    expect(run.results.map((result: { ruleId: string }) => result.ruleId)).toEqual(codes);
    expect(run.tool.driver.rules.map((rule: { id: string }) => rule.id)).toEqual([...new Set(codes)].sort());
  });

  it('sarif: what to do is not lost behind a long text, with its option and its lines', () => {
    const trace = traceOf({
      outcome: 'failed',
      diagnosis: {
        ...UNDECIDED,
        code: 'PG_PASSWORD_REFUSED',
        what: 'x'.repeat(5000),
        why: 'It is wrong.',
        next: [
          { kind: 'client-option', text: 'Ask for TLS.', option: { name: 'sslmode', value: 'require' } },
          { kind: 'server-config', text: 'Add:', snippet: 'net:\n  tls:' },
          { kind: 'ask', text: 'Take it away.', snippet: 'rm it' },
        ],
      },
    });
    const { message } = JSON.parse(sarifCause('a.pcap', trace, new Map()));
    expect(message.text.split('\n')).toEqual([
      expect.stringMatching(/^x+… 4,\d\d\d more characters It is wrong\.$/),
      'Ask for TLS. [sslmode=require]',
      'Add:',
      'net:',
      '  tls:',
      'Take it away. rm it',
    ]);
  });

  it('markdown: a table row for every step, and no markup from the wire', async () => {
    const { text } = await decoded('markdown');
    const { traces } = await expected();
    const rows = text.split('\n').filter((line) => /^\| -?[\d.]+ \|/.test(line));
    expect(rows).toHaveLength(traces.reduce((sum, trace) => sum + trace.steps.length, 0));
    for (const row of rows) expect(row.split(/(?<!\\)\|/)).toHaveLength(9);
  });

  it.each(['text', 'markdown'] as const)(
    '%s: as much as a capture makes is handed on piece by piece',
    async (format) => {
      const [pieces, rules]: [string[], Rules] = [[], new Map()];
      const writer = documentWriter(
        { write: (text) => pieces.push(String(text)) },
        { format, reveal: false, file, several: false },
        rules,
      );
      const { document } = await readCapture(file);
      const [trace] = document.traces;
      const { length } =
        format === 'text' ? renderTrace(redactTrace(trace)).text : traceMarkdown(redactTrace(trace));
      // Twice what is held back for the heading.
      const count = Math.ceil((8 << 20) / length);
      let [written, most] = [0, 0];
      for (let i = 0; i < count; i++) {
        writer.trace(trace);
        written += pieces.splice(0).join('').length;
        most = Math.max(most, (i + 1) * length - written);
      }
      expect(most).toBeLessThan(5 << 20);
      writer.end(document.capture);
      const rest = pieces.join('');
      // What is known of the whole comes last where it cannot come first.
      expect(rest).toContain(`${count} handshakes`);
      expect(written + rest.length).toBeGreaterThan(count * length);
    },
  );

  it('a file that is no capture: a complaint, and no text', async () => {
    const { text, status, complaint } = await decoded('json', { path: join(fixtures, 'README.md') });
    expect([text, status]).toEqual(['', 2]);
    expect(complaint).toContain('README.md');
  });
});

describe('capturePaths', () => {
  it('finds the captures of a folder, in order of name', async () => {
    const found = await capturePaths([fixtures, join(fixtures, 'README.md')]);
    const names = found.slice(0, -1).map(({ path }) => path);
    expect(names.every((path) => /\.pcap(?:ng)?(\.\w+)?$/.test(path))).toBe(true);
    expect(names).toEqual([...names].sort());
    expect(names.length).toBeGreaterThan(10);
    expect(found.at(-1)?.path).toBe(join(fixtures, 'README.md'));
  });

  it('takes links to captures, and leaves links to folders alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'handshake-links-'));
    symlinkSync(join(fixtures, 'pg18-trust.pcapng'), join(folder, 'link.pcapng'));
    symlinkSync(folder, join(folder, 'round.pcapng'));
    const found = await capturePaths([folder]);
    rmSync(folder, { recursive: true });
    expect(found).toEqual([{ path: join(folder, 'link.pcapng'), size: expect.any(Number) }]);
    expect(found[0].size).toBeGreaterThan(0);
  });

  it('lets a file that is not there through, for the reader to name', async () => {
    expect(await capturePaths(['absent.pcap'])).toEqual([{ path: 'absent.pcap', size: 0 }]);
  });
});

describe('workersFor', () => {
  it('starts no thread for little work, and never more than there are files', () => {
    expect(
      workersFor([
        { path: 'a', size: 1000 },
        { path: 'b', size: 1000 },
      ]),
    ).toBe(1);
    expect(workersFor([{ path: 'a', size: 1e12 }])).toBe(1);
  });
});

describe('Ahead', () => {
  it('has a thread wait while more of its text is on its way than may be', async () => {
    const ahead = new Ahead(100);
    expect(ahead.give(100)).toBeUndefined();
    let waits = true;
    const go = ahead.give(50)?.then(() => {
      waits = false;
    });
    ahead.take(40);
    await Promise.resolve();
    expect(waits).toBe(true);
    ahead.take(10);
    await go;
    expect(waits).toBe(false);
  });
});
