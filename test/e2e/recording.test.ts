/** Recording on an interface in a real editor: what to record, handshakes while it runs, stop, save, what goes with the editor. */
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { outFolder } from '../../scripts/paths.mjs';
import { readCapture } from '../../src/files/read-capture';
import { type PostgresLab, startPostgresLab } from '../../src/lab/postgres-lab';
import { run } from '../integration/support';
import { recordable } from '../support/recordable';
import { describeWith } from '../support/toolchain';
import { type Editor, openEditor, pictureFailures } from './harness';
import { makeWorkspace } from './workspace';

const may = await recordable();

for (const theme of ['dark', 'light'] as const) {
  await describeWith(`Record on Interface, ${theme}`, ['codeServer', 'chromium'], (tools) => {
    if ('skipped' in may) {
      test.skip(`skipped: ${may.skipped}`, () => {});
      return;
    }
    const workspace = makeWorkspace([]);
    let editor: Editor;
    let lab: PostgresLab;

    pictureFailures(() => editor);

    beforeAll(async () => {
      lab = await startPostgresLab({ port: 0 });
      editor = await openEditor({ tools, folder: workspace.folder, theme });
    });

    afterAll(async () => {
      await editor?.close();
      await lab?.close();
      workspace.remove();
    });

    const connect = (user: string, password: string) =>
      run(`postgresql://${user}:${password}@127.0.0.1:${lab.port}/appdb?sslmode=disable`);
    const rows = (page: Frame) => page.getByRole('listbox', { name: 'Handshakes' }).getByRole('option');
    const statusBar = () => editor.page.locator('.statusbar-item', { hasText: /handshake/ });

    test('handshakes appear while it records', async () => {
      await editor.runCommand('Handshake: Record on Interface');
      await loopback(editor).waitFor();
      await editor.screenshot(`record-pick-${theme}`);
      await chooseLoopback(editor, `${lab.port}`);
      const page = await editor.webviewFrame('capture');
      await page.getByText(/Waiting for a connection on lo/).waitFor();
      await editor.screenshot(`record-waiting-${theme}`);

      await connect('app_user', 'wrong');
      await expect.poll(() => rows(page).count()).toBe(1);
      await connect('app_user', lab.accounts[0].password);
      await expect.poll(() => rows(page).count()).toBe(2);
      await page.getByText(/Recording lo, port/).waitFor();
      await expect.poll(() => statusBar().first().innerText()).toMatch(/2 handshakes/);
      await page.getByText('SASLInitialResponse').first().waitFor();
      await editor.screenshot(`recording-${theme}`);
    });

    test('one at a time', async () => {
      await editor.runCommand('Handshake: Record on Interface');
      await editor.waitForNotification(/lo is being recorded/);
      await editor.runCommand('Notifications: Clear All Notifications');
    });

    test('stopped, it is a capture like any other, with its bytes', async () => {
      const page = await editor.webviewFrame('capture');
      await page.getByRole('button', { name: 'Stop', exact: true }).click();
      await page.getByText(/This recording is not saved/).waitFor();
      await expect.poll(() => statusBar().count()).toBe(0);
      await expect.poll(() => rows(page).count()).toBe(2);
      await rows(page).first().click();
      await page.getByText('ErrorResponse').first().click();
      // An ErrorResponse begins with its type, E.
      await expect.poll(() => page.locator('hi-hex-view .cell').first().innerText()).toBe('45');
      await editor.screenshot(`recorded-${theme}`);
    });

    // The rest does not look different in the other theme.
    if (theme === 'light') return;

    test('its handshakes are saved as pcapng', async () => {
      const page = await editor.webviewFrame('capture');
      await page.getByRole('button', { name: 'Save…' }).click();
      await editor.page.locator('.quick-input-title', { hasText: 'Save Recording' }).waitFor();
      await editor.screenshot(`record-save-${theme}`);
      await editor.quickPick('Handshakes');
      await editor.page.locator('.quick-input-title', { hasText: 'Save the Recorded Handshakes' }).waitFor();
      const file = path.join(workspace.folder, 'logins.pcapng');
      await editor.saveAs(/\/lo-[\d-]+\.pcapng$/, file);
      await editor.waitForNotification(/Saved logins\.pcapng/);
      await page.getByText('Saved as logins.pcapng.').waitFor();
      await editor.screenshot(`record-saved-${theme}`);
      const { document } = await readCapture(file);
      expect(document.capture.format).toBe('pcapng');
      expect(document.traces.map((trace) => trace.outcome)).toEqual(['failed', 'ready']);
      await editor.runCommand('Notifications: Clear All Notifications');
    });

    test('what was saved goes with its editor, without a question', async () => {
      expect(recordings(editor)).toHaveLength(1);
      await editor.runCommand('View: Close All Editors');
      await expect.poll(() => recordings(editor)).toEqual([]);
      expect(await editor.notifications()).toEqual([]);
    });

    test('closed while it records, it is stopped and offered once more', async () => {
      await editor.runCommand('Handshake: Record on Interface');
      await chooseLoopback(editor, `${lab.port}`);
      const page = await editor.webviewFrame('capture');
      await connect('app_user', 'wrong');
      await expect.poll(() => rows(page).count()).toBe(1);
      await editor.runCommand('View: Close All Editors');
      await editor.waitForNotification(/was closed unsaved/);
      await expect.poll(() => statusBar().count()).toBe(0);
      await editor.screenshot(`record-closed-${theme}`);
      await editor.pressNotificationButton('Reopen');
      const again = await editor.webviewFrame('capture');
      await expect.poll(() => rows(again).count()).toBe(1);
      await editor.runCommand('View: Close All Editors');
      await editor.waitForNotification(/was closed unsaved/);
      await editor.runCommand('Notifications: Clear All Notifications');
      await expect.poll(() => recordings(editor)).toEqual([]);
    });
  });
}

await describeWith('where nothing can be recorded', ['codeServer', 'chromium'], (tools) => {
  const folder = path.join(outFolder, 'e2e/stand-ins');

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(['dark', 'light'] as const)('the command that would permit it is shown, in %s', async (theme) => {
    mkdirSync(folder, { recursive: true });
    // Found first on the PATH: it lists an interface and says of it what dumpcap says without the permission.
    writeFileSync(
      path.join(folder, 'dumpcap'),
      '#!/bin/sh\nif [ "$1" = -D ]; then printf "1. lo\\t\\tLoopback\\t0\\t127.0.0.1\\tloopback\\t\\n"; exit 0; fi\n' +
        'echo "dumpcap: You do not have permission to capture on device \\"lo\\"." >&2; exit 1\n',
      { mode: 0o755 },
    );
    writeFileSync(
      path.join(folder, 'tcpdump'),
      '#!/bin/sh\necho "tcpdump: lo: permission denied" >&2; exit 1\n',
      {
        mode: 0o755,
      },
    );
    const workspace = makeWorkspace([]);
    const editor = await openEditor({
      tools,
      folder: workspace.folder,
      theme,
      // Without VSCODE_CLI the extension would get the PATH of a login shell.
      env: { VSCODE_CLI: '1', PATH: `${folder}${path.delimiter}${process.env.PATH}` },
    });
    try {
      await editor.runCommand('Handshake: Record on Interface');
      await chooseLoopback(editor, '5432');
      const dialog = editor.page.locator('.monaco-dialog-box');
      await dialog.getByText(/dumpcap may not capture here/).waitFor();
      await dialog.getByText(/setcap cap_net_raw|--cap-add=NET_RAW/).waitFor();
      await editor.screenshot(`record-denied-${theme}`);
      await dialog.getByRole('button', { name: 'Copy Command' }).click();
      await dialog.waitFor({ state: 'detached' });
      expect(await editor.notifications()).toEqual([]);
    } finally {
      await editor.close();
      workspace.remove();
    }
  });

  test('Restricted Mode asks for trust first', async () => {
    const workspace = makeWorkspace([]);
    const editor = await openEditor({ tools, folder: workspace.folder, trust: 'restricted' });
    try {
      await editor.runCommand('Handshake: Record on Interface');
      const dialog = editor.page.locator('.monaco-dialog-box');
      await dialog.getByText('needs a trusted workspace').waitFor();
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await dialog.waitFor({ state: 'detached' });
      // The palette goes by itself, and no question comes in its place.
      await expect.poll(() => editor.page.locator('.quick-input-widget:visible').count()).toBe(0);
    } finally {
      await editor.close();
      workspace.remove();
    }
  });
});

/** The row of the loopback interface, once the interfaces are listed. */
function loopback(editor: Editor): Locator {
  const rows = editor.page.locator('.quick-input-widget:visible .monaco-list-row');
  return rows.filter({ hasText: 'Connections of this machine with itself' });
}

async function chooseLoopback(editor: Editor, ports: string): Promise<void> {
  await loopback(editor).click();
  await editor.page.locator('.quick-input-title', { hasText: 'Record on lo' }).waitFor();
  await editor.inputBox(ports);
}

/** Names of the files in the extension's storage. */
function recordings(editor: Editor): string[] {
  const found = readdirSync(editor.home, { recursive: true, encoding: 'utf8' });
  return found.filter(
    (name) => /recordings[\\/].+\.pcap$/.test(name) && statSync(path.join(editor.home, name)).isFile(),
  );
}
