import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoFolder } from '../../scripts/paths.mjs';
import { describeWith } from '../support/toolchain';
import { type Editor, openEditor } from './harness';

await describeWith('a served VS Code with the packaged extension', ['codeServer', 'chromium'], (tools) => {
  let editor: Editor;

  beforeAll(async () => {
    editor = await openEditor({ tools, folder: demoFolder });
  });

  afterAll(() => editor?.close());

  test('opens a file', async () => {
    await editor.openFile('README.md');
    await editor.screenshot('smoke-file');
  });

  test('asks nothing of any other machine', () => {
    expect(editor.foreignRequests).toEqual([]);
    expect(editor.serverLog()).not.toMatch(/ENOTFOUND|EAI_AGAIN|ECONNREFUSED/);
  });
});
