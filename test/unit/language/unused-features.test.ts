import { existsSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import {
  createConnection,
  createProtocolConnection,
  type InitializeResult,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { root } from '../../../scripts/paths.mjs';
import { serve } from '../../../src/language/serve';
import { UNUSED_FEATURES } from '../../../webpack.config.mjs';

const moduleOf = (feature: string) =>
  path.join(root, 'node_modules/vscode-languageclient/lib/common', `${feature}.js`);

/** What the bundled language client leaves out, see scripts/unused. */
describe('features that the bundle leaves out', () => {
  it.each(UNUSED_FEATURES)('%s is a feature of the client', (feature) => {
    expect(existsSync(moduleOf(feature))).toBe(true);
  });

  it('are none that the server offers', async () => {
    const [up, down] = [new PassThrough(), new PassThrough()];
    serve(createConnection(new StreamMessageReader(up), new StreamMessageWriter(down)));
    const client = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
    client.listen();
    const { capabilities } = await client.sendRequest<InitializeResult>('initialize', {
      processId: null,
      rootUri: null,
      capabilities: {},
    });
    client.dispose();
    const { textDocumentSync, ...others } = capabilities;
    expect(textDocumentSync).toBeDefined();
    const offered = Object.keys(others).map((name) => name.replace(/Provider$/, ''));
    expect(offered).toContain('hover');
    // Each has a module of this name, so a name that left the protocol's habit would be noticed.
    expect(offered.filter((feature) => !existsSync(moduleOf(feature)))).toEqual([]);
    expect(offered.filter((feature) => UNUSED_FEATURES.includes(feature))).toEqual([]);
  });
});
