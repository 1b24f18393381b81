/** What a newcomer does on the demo workspace, in a light theme: captures, annotated text, problems, tests, failures. */
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/toolchain';
import { type Editor, openEditor, pictureFailures } from './harness';
import { makeWorkspace } from './workspace';

const TLS = 'pg18-tls-scram-keys.pcapng';
const REFUSED = 'pg18-ssl-off-prefer.pcapng';
const MONGO = 'mongo3-cr.pcapng';
const SAVED = 'to-share.pcapng';

await describeWith('a tour', ['codeServer', 'chromium'], (tools) => {
  const workspace = makeWorkspace([TLS, REFUSED, MONGO]);
  let editor: Editor;
  let silent: Server;

  pictureFailures(() => editor);

  beforeAll(async () => {
    editor = await openEditor({ tools, folder: workspace.folder, theme: 'light' });
    silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    silent?.close();
    await editor?.close();
    workspace.remove();
  });

  test('a MongoDB capture shows its authenticate exchange', async () => {
    await editor.openFile(MONGO);
    const page = await captureOf(editor, MONGO, 'MONGODB-CR');
    await page.getByText('removed').first().waitFor();
    await page.getByText('authenticate', { exact: true }).first().waitFor();
    await editor.screenshot('tour-mongodb-light');
  });

  test('its findings are in the Problems view', async () => {
    await editor.runCommand('Problems: Focus on Problems View');
    await editor.page.locator('.markers-panel').getByText('MG_CR').first().waitFor();
    await editor.screenshot('tour-problems-light');
    await editor.runCommand('View: Hide Panel');
  });

  test('its annotated text has an outline and explains a state under the pointer', async () => {
    await editor.runCommand('Handshake: Show Annotated Text');
    await editor.page.locator('.view-line', { hasText: 'CmdAuthenticate' }).first().waitFor();
    await editor.runCommand('Explorer: Focus on Outline View');
    await editor.page.locator('.outline-pane .monaco-list-row', { hasText: 'MongoDB' }).first().waitFor();
    await editor.screenshot('tour-text-light');
  });

  test('a secret is masked until it is asked for', async () => {
    await editor.openFile(TLS);
    const page = await captureOf(editor, TLS, 'scram-sha-256-plus');
    await page.getByText('SASLResponse').first().click();
    await page.getByText('••••••').first().waitFor();
    await page
      .getByRole('button', { name: /reveal/i })
      .first()
      .click();
    await editor.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Show Secrets' }).click();
    await expect.poll(() => page.getByText('••••••').count(), { timeout: 10_000 }).toBe(0);
  });

  test('its handshake is saved redacted and opened', async () => {
    await editor.runCommand('Handshake: Save Handshakes');
    await editor.page.locator('.quick-input-title', { hasText: 'Save Handshakes' }).waitFor();
    await editor.quickPick('Selected Handshake');
    await editor.page.locator('.quick-input-title', { hasText: 'Save Handshakes: t1' }).waitFor();
    await editor.screenshot('tour-save-light');
    await editor.quickPick('Redacted');
    await editor.saveAs(/\/pg18-tls-scram-keys-t1-redacted\.pcapng$/, path.join(workspace.folder, SAVED));
    await editor.waitForNotification(/Saved to-share\.pcapng\.$/);
    await editor.pressNotificationButton('Open');
    await captureOf(editor, SAVED, 'scram-sha-256-plus');
    await editor.screenshot('tour-saved-light');
  });

  test('Connect Test on the lab, Show States, and Run again', async () => {
    await editor.runCommand('Handshake: Connect Test');
    await editor.quickPick('Lab: PostgreSQL');
    await editor.waitForNotification(/Connected as/);
    await editor.pressNotificationButton('Show States');
    const states = await editor.webviewFrame('states');
    await states.getByText('CONNECTION_OK').first().waitFor();
    await editor.runCommand('Notifications: Clear All Notifications');
    await states.getByRole('button', { name: /Run again/ }).click();
    await editor.waitForNotification(/Connected as/);
    await editor.runCommand('Notifications: Clear All Notifications');
    await editor.screenshot('tour-states-light');
  });

  test('a server that accepts and says nothing can be cancelled', async () => {
    const address = silent.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await editor.runCommand('Handshake: Connect Test');
    await editor.quickPick('Type a URI');
    await editor.inputBox(`postgresql://app_user@127.0.0.1:${port}/appdb`);
    await editor.pressNotificationButton('Cancel');
    await editor.waitForNotification(/cancelled/i);
    await editor.runCommand('Notifications: Clear All Notifications');
  });

  test('a port that nobody listens on gets a sentence with the next step', async () => {
    await editor.runCommand('Handshake: Connect Test');
    await editor.quickPick('Type a URI');
    await editor.inputBox('postgresql://app_user@127.0.0.1:1/appdb');
    await editor.waitForNotification(/127\.0\.0\.1:1.*check/i);
    await editor.screenshot('tour-refused-light');
  });

  test('asks nothing of any other machine', () => {
    expect(editor.foreignRequests).toEqual([]);
  });
});

/** The webview among several captures that shows this text in its list. */
async function captureOf(editor: Editor, file: string, text: string): Promise<Frame> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    await editor.webviewFrame('capture');
    for (const frame of editor.page.frames()) {
      const rows = await frame
        .getByRole('option')
        .filter({ hasText: text })
        .count()
        .catch(() => 0);
      if (rows > 0) return frame;
    }
    await editor.page.waitForTimeout(200);
  }
  throw new Error(`no editor of ${file} shows ${text} in its list`);
}
