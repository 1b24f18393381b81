/** What was planted in a capture is in no masked output of it, and in every one that is asked to reveal it. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DocumentOptions, documentWriter } from '../../../src/cli/document-writer';
import { readCapture } from '../../../src/files/read-capture';
import { mapText } from '../../../src/language/annotated';
import { captureDiagnostics } from '../../../src/language/diagnostics';
import { renderCapture } from '../../../src/language/render';
import { traceRow } from '../../../src/language/rows';
import { documentSymbols } from '../../../src/language/symbols';
import { redactCapture } from '../../../src/trace/redact';

const planted = resolve(__dirname, '../../planted');
const cases = resolve(__dirname, '../../../../shared/cases/captures');

/** Planted secrets; names of users, databases and applications are shown. */
const PLANTED: readonly (readonly [file: string, secrets: readonly string[]])[] = [
  [join(planted, 'pg-appname-uri.pcap'), ['apppwsecret', 'opttokensecret']],
  [join(planted, 'query-in-same-segment.pcap'), ['querysecret']],
  [join(planted, 'mongo-copydb.pcap'), ['noncesecret1', 'keysecret123']],
  [join(cases, 'comment-holds-secret.pcapng'), ['4091637CABF3015CCBA0DCDB155189057D8A0052']],
];

const FORMATS = ['text', 'list', 'json', 'ndjson', 'markdown', 'sarif'] as const;

async function written(file: string, format: DocumentOptions['format'], reveal: boolean): Promise<string> {
  const { document } = await readCapture(file);
  const parts: string[] = [];
  const sink = { write: (text: string | Uint8Array) => void parts.push(Buffer.from(text).toString()) };
  const writer = documentWriter(sink, { format, reveal, file, several: false }, new Map());
  for (const trace of document.traces) writer.trace(trace);
  if (document.capture) writer.end(document.capture);
  return parts.join('');
}

describe.each(PLANTED)('%s', (file, secrets) => {
  const there = existsSync(file);

  it.skipIf(!there).each(FORMATS)('as %s', async (format) => {
    const text = await written(file, format, false);
    for (const secret of secrets) expect(text).not.toContain(secret);
  });

  it.skipIf(!there)('in the editor', async () => {
    const { document } = await readCapture(file);
    const { capture, traces } = document;
    const rendered = renderCapture(capture, traces);
    const map = mapText(rendered);
    const shown = JSON.stringify([
      rendered.text,
      traces.map(traceRow),
      captureDiagnostics(capture, traces, 'x:', map),
      documentSymbols(traces, map),
      capture && redactCapture(capture),
    ]);
    for (const secret of secrets) expect(shown).not.toContain(secret);
  });

  it.skipIf(!there)('is there for whoever asks', async () => {
    const text = await written(file, 'json', true);
    for (const secret of secrets) expect(text).toContain(secret);
  });
});
