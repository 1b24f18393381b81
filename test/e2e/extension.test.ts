import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/paths.mjs';
import { describeWith } from '../support/toolchain';
import { type Editor, openEditor, pictureFailures } from './harness';
import { makeWorkspace } from './workspace';

const WRONG_PASSWORD = 'pg18-wrong-password-prefer.pcapng';

await describeWith('a trusted workspace', ['codeServer', 'chromium'], (tools) => {
  const workspace = makeWorkspace([WRONG_PASSWORD]);
  let editor: Editor;

  pictureFailures(() => editor);

  beforeAll(async () => {
    editor = await openEditor({ tools, folder: workspace.folder });
  });

  afterAll(async () => {
    await editor?.close();
    workspace.remove();
  });

  test('a capture opens with its handshakes, their verdicts and their steps', async () => {
    await editor.openFile(WRONG_PASSWORD);
    const page = await editor.webviewFrame('capture');
    const rows = page.getByRole('listbox', { name: 'Handshakes' }).getByRole('option');
    await rows.first().waitFor();
    // Under `prefer`, one wrong password is two failed logins: with TLS, then without.
    expect(await rows.count()).toBe(2);
    await rows.last().click();
    await page.getByText('SASLInitialResponse').first().waitFor();
    await editor.screenshot('capture-dark');
  });

  test.each(['PostgreSQL', 'MongoDB'])('Connect Test reaches the %s of the lab', async (server) => {
    await editor.runCommand('Handshake: Connect Test');
    await editor.quickPick(`Lab: ${server}`);
    await editor.waitForNotification(/is connected|Connected/);
    await editor.pressNotificationButton('Show States');
    const page = await editor.webviewFrame('states');
    await page
      .getByText(server === 'PostgreSQL' ? 'CONNECTION_OK' : 'AUTHENTICATED')
      .first()
      .waitFor();
    await editor.runCommand('Notifications: Clear All Notifications');
    const picture = await editor.screenshot(`states-${server.toLowerCase()}`);
    // The README's picture, taken anew by `UPDATE_SCREENSHOT=1 npm test -- e2e`.
    if (process.env.UPDATE_SCREENSHOT === '1' && server === 'PostgreSQL') {
      copyFileSync(picture, path.join(root, 'media/screenshot.png'));
    }
  });

  test('asks nothing of any other machine', () => {
    expect(editor.foreignRequests).toEqual([]);
  });
});

await describeWith('Restricted Mode', ['codeServer', 'chromium'], (tools) => {
  const workspace = makeWorkspace([WRONG_PASSWORD]);
  let editor: Editor;

  pictureFailures(() => editor);

  beforeAll(async () => {
    editor = await openEditor({ tools, folder: workspace.folder, trust: 'restricted', theme: 'light' });
  });

  afterAll(async () => {
    await editor?.close();
    workspace.remove();
  });

  test('a capture opens', async () => {
    await editor.openFile(WRONG_PASSWORD);
    const page = await editor.webviewFrame('capture');
    await page.getByRole('listbox', { name: 'Handshakes' }).getByRole('option').first().waitFor();
    await editor.screenshot('capture-restricted-light');
  });

  test('a Connect Test asks for trust instead of connecting', async () => {
    await editor.runCommand('Handshake: Connect Test');
    await editor.quickPick('Lab: PostgreSQL');
    const dialog = editor.page.locator('.monaco-dialog-box');
    await dialog.getByText('needs a trusted workspace').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await editor.notifications()).toEqual([]);
  });
});
