/** What was planted in a capture is in no masked output of it, and in every one that is asked to reveal it. */
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
import { besidePath, isBeside, notBeside } from '../../support/beside';

const planted = resolve(__dirname, '../../planted');
const CASES = 'cases/captures';

/** Planted secrets; names of users, databases and applications are shown. */
const PLANTED: readonly (readonly [file: string, secrets: readonly string[]])[] = [
  [join(planted, 'pg-appname-uri.pcap'), ['apppwsecret', 'opttokensecret']],
  [join(planted, 'query-in-same-segment.pcap'), ['querysecret']],
  [join(planted, 'mongo-copydb.pcap'), ['noncesecret1', 'keysecret123']],
  [besidePath(`${CASES}/comment-holds-secret.pcapng`), ['4091637CABF3015CCBA0DCDB155189057D8A0052']],
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
  if (!file.startsWith(planted) && !isBeside(CASES)) {
    it.skip(notBeside(CASES));
    return;
  }

  it.each(FORMATS)('as %s', async (format) => {
    const text = await written(file, format, false);
    for (const secret of secrets) expect(text).not.toContain(secret);
  });

  it('in the editor', async () => {
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

  it('is there for whoever asks', async () => {
    const text = await written(file, 'json', true);
    for (const secret of secrets) expect(text).toContain(secret);
  });
});
