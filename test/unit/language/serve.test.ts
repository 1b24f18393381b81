import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  createConnection,
  createProtocolConnection,
  type Diagnostic,
  type DocumentSymbol,
  type FoldingRange,
  type Hover,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { TEXT_SCHEME, textUriOf } from '../../../src/contract/text-uri';
import { recordingsToPcapng } from '../../../src/inspect/export';
import { serve } from '../../../src/language/serve';
import { refusedLogin } from '../../support/recordings';

const folder = mkdtempSync(join(tmpdir(), 'handshake-serve-'));
const path = join(folder, 'two logins.pcapng');
writeFileSync(path, recordingsToPcapng([refusedLogin(), refusedLogin()]));
const uri = pathToFileURL(path).toString();
const textUri = textUriOf(uri);

/** The server and a client of it, joined by streams as two processes are by pipes. */
describe('the language server', () => {
  let client: ProtocolConnection;
  const diagnostics = new Map<string, Diagnostic[]>();
  const news: [string, { uri: string }][] = [];

  beforeAll(async () => {
    const up = new PassThrough();
    const down = new PassThrough();
    serve(createConnection(new StreamMessageReader(up), new StreamMessageWriter(down)), {
      lingerMs: 5,
      watchMs: 1000,
    });
    client = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
    client.onNotification('textDocument/publishDiagnostics', (params) => {
      diagnostics.set(params.uri, params.diagnostics);
    });
    for (const name of ['handshake/progress', 'handshake/finished', 'handshake/failed']) {
      client.onNotification(name, (params) => void news.push([name, params]));
    }
    client.listen();
    const { capabilities } = await client.sendRequest<{ capabilities: object }>('initialize', {
      processId: null,
      rootUri: null,
      capabilities: {},
    });
    expect(capabilities).toMatchObject({
      hoverProvider: true,
      documentSymbolProvider: true,
      foldingRangeProvider: true,
    });
    await client.sendNotification('initialized', {});
  });

  afterAll(async () => {
    await client.sendRequest('shutdown');
    client.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it('starts reading at once and tells the end', async () => {
    expect(await client.sendRequest('handshake/open', { uri, keyLogFile: null })).toEqual({
      state: 'reading',
    });
    await vi.waitFor(() => expect(news.map(([name]) => name)).toContain('handshake/finished'));
    expect(news.at(-1)?.[1]).toMatchObject({ uri, total: 2, cancelled: false });
  });

  it('publishes the findings as problems of the capture, each with its line in the text', async () => {
    await vi.waitFor(() => expect(diagnostics.get(uri)?.length).toBeGreaterThan(0));
    const { text } = await client.sendRequest<{ text: string }>('handshake/text', { uri });
    for (const diagnostic of diagnostics.get(uri) ?? []) {
      const [place] = diagnostic.relatedInformation ?? [];
      expect(place.location.uri).toBe(textUri);
      // A finding has a line; why a handshake failed is told below its heading.
      const lines = text.split('\n').slice(place.location.range.start.line);
      const end = lines.findIndex((line, at) => at > 0 && /^t\d+ /.test(line));
      const own = /^t\d+ /.test(lines[0]) ? lines.slice(0, end < 0 ? undefined : end) : [lines[0]];
      expect(own.join('\n')).toContain(String(diagnostic.code));
    }
  });

  it('gives symbols, folding and hovers for the annotated text', async () => {
    const { text } = await client.sendRequest<{ text: string }>('handshake/text', { uri });
    const textDocument = { uri: textUri };
    await client.sendNotification('textDocument/didOpen', {
      textDocument: { uri: textUri, languageId: TEXT_SCHEME, version: 1, text },
    });
    const symbols = await client.sendRequest<DocumentSymbol[]>('textDocument/documentSymbol', {
      textDocument,
    });
    expect(symbols).toHaveLength(2);
    expect(symbols[0].children?.map((child) => child.name)).toContain('SSLRequest');
    const folding = await client.sendRequest<FoldingRange[]>('textDocument/foldingRange', { textDocument });
    expect(folding.map((range) => range.startLine)).toContain(symbols[1].range.start.line);

    const line = text.split('\n').findIndex((content) => content.includes('StartupMessage'));
    const hover = await client.sendRequest<Hover>('textDocument/hover', {
      textDocument,
      position: { line, character: 4 },
    });
    const { value } = hover.contents as { value: string };
    expect(value).toContain('`CONNECTION_AWAITING_RESPONSE`');
    expect(value).toMatch(/PQconnectPoll/);
  });

  it('shows no secret in a hover', async () => {
    const { text } = await client.sendRequest<{ text: string }>('handshake/text', { uri });
    const lines = text.split('\n');
    for (let line = 0; line < lines.length; line++) {
      const hover = await client.sendRequest<Hover | null>('textDocument/hover', {
        textDocument: { uri: textUri },
        position: { line, character: 0 },
      });
      expect(JSON.stringify(hover)).not.toContain('correct horse');
    }
  });

  it('says why a capture could not be read, each line through its gate and without secrets', async () => {
    const name = 'a\nline\u{202e} www.evil.example password=hunter22.pcap';
    const lost = pathToFileURL(join(folder, name)).toString();
    const { text, lines } = await client.sendRequest<{ text: string; lines: object[] }>('handshake/text', {
      uri: lost,
    });
    expect(lines).toEqual([]);
    expect(text.split('\n')).toEqual([
      expect.stringMatching(/^a.*line.*password=.* does not exist; check the path\.$/),
      expect.stringMatching(/^Put the file back/),
      '',
    ]);
    await vi.waitFor(() => expect(news.map(([event]) => event)).toContain('handshake/failed'));
    const [problem] = diagnostics.get(lost) ?? [];
    const told = [text, problem.message, JSON.stringify(news.at(-1)?.[1]).replace(lost, '')];
    for (const shown of told) expect(shown).not.toContain('hunter22');
    for (const shown of told.slice(0, 2)) expect(shown).not.toMatch(/\u202e|www\./);
  });

  it('knows nothing of a text whose capture is not open, and says so by silence', async () => {
    const textDocument = { uri: textUriOf('file:///nowhere/x.pcap') };
    expect(await client.sendRequest('textDocument/documentSymbol', { textDocument })).toEqual([]);
    expect(
      await client.sendRequest('textDocument/hover', { textDocument, position: { line: 0, character: 0 } }),
    ).toBeNull();
    await client.sendNotification('textDocument/didOpen', {
      textDocument: {
        uri: `${TEXT_SCHEME}:/run.handshake?run%3A1`,
        languageId: TEXT_SCHEME,
        version: 2,
        text: '',
      },
    });
  });

  it('says why a file could not be read, as news and as a problem', async () => {
    const bad = pathToFileURL(join(folder, 'absent.pcap')).toString();
    await client.sendRequest('handshake/open', { uri: bad, keyLogFile: null });
    await vi.waitFor(() => expect(diagnostics.get(bad)?.[0]?.code).toBe('ENOENT'));
    expect(news.at(-1)).toMatchObject(['handshake/failed', { uri: bad, code: 'ENOENT' }]);
    await client.sendNotification('handshake/close', { uri: bad });
    await vi.waitFor(() => expect(diagnostics.get(bad)).toEqual([]));
  });

  it('refuses requests with values that are not right, and goes on', async () => {
    await expect(client.sendRequest('handshake/page', { uri, offset: -1, limit: 5 })).rejects.toThrow();
    await expect(
      client.sendRequest('handshake/open', { uri: 'untitled:x', keyLogFile: null }),
    ).rejects.toThrow(/file on disk/);
    await client.sendNotification('handshake/cancel', { nothing: true });
    expect(await client.sendRequest('handshake/page', { uri, offset: 0, limit: 5 })).toMatchObject({
      total: 2,
    });
  });

  it('takes its problems back when nobody looks any more', async () => {
    await client.sendNotification('textDocument/didClose', { textDocument: { uri: textUri } });
    await client.sendNotification('handshake/close', { uri });
    await vi.waitFor(() => expect(diagnostics.get(uri)).toEqual([]));
  });
});
