/** What the side panel and the palette do for PostgreSQL besides a Connect Test: faults, the table of sslmodes, a password checked. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/toolchain';
import { type Editor, openEditor, pictureFailures } from './harness';
import { makeWorkspace } from './workspace';

const SCRAM = 'pg15-scram.pcapng';

await describeWith('PostgreSQL in the editor', ['codeServer', 'chromium'], (tools) => {
  const workspace = makeWorkspace([SCRAM]);
  let editor: Editor;

  pictureFailures(() => editor);

  beforeAll(async () => {
    editor = await openEditor({ tools, folder: workspace.folder });
  });

  afterAll(async () => {
    await editor?.close();
    workspace.remove();
  });

  test('a lab server starts with a fault, and Connect Test meets it', async () => {
    await editor.runCommand('Handshake: Start Lab Server with a Fault');
    await editor.quickPick('An HTTP server on the port');
    await editor.waitForNotification(/answers SSLRequest as a web server/);
    await editor.pressNotificationButton('Connect Test');
    await editor.waitForNotification(/is not PostgreSQL: an HTTP server answered/);
    await editor.runCommand('Notifications: Clear All Notifications');
    await editor.screenshot('fault');
  });

  test('sslmodes are compared in a table', async () => {
    await editor.runCommand('Handshake: Start Lab Server with a Fault');
    await editor.quickPick('SSL is off, and the client insists');
    await editor.waitForNotification(/answers SSLRequest with N/);
    await editor.runCommand('Handshake: Compare sslmodes');
    await editor.quickPick('Lab: PostgreSQL');
    await editor.page.locator('.view-line', { hasText: 'sslmodes of Lab: PostgreSQL' }).first().waitFor();
    await editor.page.locator('.view-line', { hasText: 'require, direct' }).first().waitFor();
    await editor.runCommand('Notifications: Clear All Notifications');
    await editor.screenshot('compare-sslmodes');
  });

  test('a recorded login is checked against a password', async () => {
    await editor.openFile(SCRAM);
    await (await editor.webviewFrame('capture')).getByRole('option').first().waitFor();
    await editor.runCommand('Handshake: Check Password');
    await editor.inputBox('app-password');
    await editor.waitForNotification(/This password is right/);
    expect((await editor.notifications()).join('\n')).not.toContain('app-password');
  });
});
