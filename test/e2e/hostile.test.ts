/**
 * A server, captures and a workspace that try to be more than text: links that run commands, HTML, escapes, characters that are not seen.
 * Wherever they are shown, nothing of them can be clicked and nothing runs.
 */
import { cpSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { outFolder, root } from '../../scripts/paths.mjs';
import { describeWith } from '../support/toolchain';
import { type Editor, openEditor, pictureFailures } from './harness';
import { makeWorkspace, type Workspace } from './workspace';

/** What it would run shows: a terminal opens. */
const COMMAND = 'workbench.action.terminal.new';
const LINK = `[Details](command:${COMMAND})`;
const HOSTILE = `${LINK} <a href="command:${COMMAND}">a</a><img src="https://evil.example/x"> https://evil.example/ $(alert) \u202etxt\u202c \x1b[31m \u{e0041}`;
/** Sorts last; the rest of it is as it would be written in a workspace's settings. */
const NAME = `zz ${LINK} <b>b</b> $(alert) \u202etxt`;
const CAPTURE = `named ${LINK}.pcap`;
const fixture = (name: string) => path.join(root, 'test/fixtures/hostile', name);

/** Answers whatever comes first with an error, before any login. */
function hostileServer(): Promise<{ server: Server; port: number }> {
  const fields = ['SFATAL', 'VFATAL', 'C28000', `M${HOSTILE}`, `D${HOSTILE}`, `H${HOSTILE}`];
  const body = Buffer.from(`${fields.map((field) => `${field}\0`).join('')}\0`);
  const head = Buffer.from([0x45, 0, 0, 0, 0]);
  head.writeUInt32BE(body.length + 4, 1);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(Buffer.concat([head, body])));
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ server, port: typeof address === 'object' && address ? address.port : 0 });
    });
  });
}

/** Begins a login in clear text and waits for the server's end of it. */
function logIn(port: number, user: string): Promise<void> {
  const body = Buffer.from(`\0\x03\0\0user\0${user}\0database\0postgres\0\0`);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.concat([length, body])));
    // A server that asks for a password gets an empty one: that it logs.
    socket.once('data', () => socket.end(Buffer.from('p\0\0\0\x05\0', 'latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve());
  });
}

/** Everything on the page, in its frames and in the shadow of its elements that leads to where the hostile text wants. */
async function waysOut(editor: Editor): Promise<string[]> {
  const found: string[] = [];
  for (const frame of editor.page.frames()) {
    const here = await frame
      .evaluate(() => {
        const out: string[] = [];
        const visit = (from: Document | ShadowRoot) => {
          for (const element of from.querySelectorAll('*')) {
            for (const { name, value } of element.attributes) {
              const leads = /^(href|data-href|src|srcset|action|formaction|data)$/.test(name);
              if (leads && /^command:|evil\.example/.test(value) && /terminal\.new|evil/.test(value))
                out.push(element.outerHTML.slice(0, 200));
            }
            if (element.matches('.detected-link, .detected-link-active')) out.push(element.outerHTML);
            if (element.shadowRoot) visit(element.shadowRoot);
          }
        };
        visit(document);
        const text = document.body?.innerText ?? '';
        for (const [odd] of text.matchAll(/[\u202a-\u202e\u2066-\u2069]|\udb40[\udc00-\udc7f]/g))
          out.push(JSON.stringify(odd));
        return out;
      })
      // A frame that is going away shows nothing.
      .catch(() => []);
    found.push(...here);
  }
  return found;
}

/** After what was done: nothing to click, nothing ran, and a picture to look at. */
async function isHarmless(editor: Editor, picture: string): Promise<void> {
  expect(await waysOut(editor), picture).toEqual([]);
  expect(await editor.page.locator('.terminal-wrapper, .xterm').count(), picture).toBe(0);
  await editor.screenshot(`hostile-${picture}`);
}

await describeWith('hostile words', ['codeServer', 'chromium'], (tools) => {
  let workspace: Workspace;
  let editor: Editor;
  let server: Server;

  pictureFailures(() => editor);

  beforeAll(async () => {
    const hostile = await hostileServer();
    server = hostile.server;
    const host = { protocol: 'postgres', host: '127.0.0.1', port: hostile.port, sslmode: 'disable' };
    workspace = makeWorkspace([], {
      'handshakeInspector.hosts': [
        { ...host, name: NAME, user: LINK, database: LINK },
        { ...host, name: `${NAME} 2`, sslmode: HOSTILE },
      ],
    });
    cpSync(fixture('link-in-user.pcap'), path.join(workspace.folder, CAPTURE));
    cpSync(fixture('invisible.pcap'), path.join(workspace.folder, 'invisible.pcap'));
    editor = await openEditor({ tools, folder: workspace.folder });
  });

  afterEach(async () => {
    await editor.page.keyboard.press('Escape');
    await editor.runCommand('Notifications: Clear All Notifications');
  });

  afterAll(async () => {
    server?.close();
    await editor?.close();
    workspace?.remove();
  });

  test('the side bar, its tooltip, and what is wrong with the setting', async () => {
    await editor.runCommand('Handshake Inspector: Focus on Hosts View');
    const row = editor.page.locator('.custom-view-tree-node-item', { hasText: 'zz [Details' }).first();
    await row.waitFor();
    await editor.waitForNotification(/handshakeInspector\.hosts/);
    expect(await row.innerText()).toContain('\\u{202e}txt');
    await isHarmless(editor, 'hosts');
    await row.hover();
    const hover = editor.page.locator('.monaco-hover:visible', { hasText: 'PostgreSQL' }).first();
    await hover.waitFor();
    expect(await waysOut(editor)).toEqual([]);
  });

  test('the quick pick', async () => {
    await editor.runCommand('Handshake: Connect Test');
    const rows = editor.page.locator('.quick-input-widget:visible .monaco-list-row', {
      hasText: 'zz [Details',
    });
    await rows.first().waitFor();
    // The icon in front is ours, that of the name is text.
    expect(await rows.first().locator('.codicon-alert').count()).toBe(0);
    expect(await rows.first().locator('.codicon-database').count()).toBe(1);
    await isHarmless(editor, 'quick-pick');
  });

  test('the notification of a test, the states and the tooltip with the verdict', async () => {
    await editor.runCommand('Handshake: Connect Test');
    await editor.quickPick('zz [Details');
    await editor.waitForNotification(/\\u\{202e\}txt.*Details\\u\{5d\}\(command:/);
    expect(await editor.page.locator('.notification-list-item-message a').count()).toBe(0);
    await isHarmless(editor, 'notification');
    await editor.pressNotificationButton('Show States');
    const states = await editor.webviewFrame('states');
    await states.getByText('ErrorResponse').first().waitFor();
    await editor.runCommand('Notifications: Clear All Notifications');
    await isHarmless(editor, 'states');
    await editor.runCommand('Handshake Inspector: Focus on Hosts View');
    const row = editor.page.locator('.custom-view-tree-node-item', { hasText: 'zz [Details' }).first();
    await row.hover();
    await editor.page.locator('.monaco-hover:visible', { hasText: 'command:' }).first().waitFor();
    expect(await waysOut(editor)).toEqual([]);
  });

  test('the annotated text of the test, what it says under the pointer, and its outline', async () => {
    await editor.runCommand('Handshake: Show Annotated Text');
    const line = editor.page.locator('.view-line', { hasText: 'ErrorResponse' }).first();
    await line.waitFor();
    // The editor finds addresses a moment after the text is there.
    await editor.page.waitForTimeout(1_500);
    await isHarmless(editor, 'text');
  });

  test('the table of sslmodes', async () => {
    await editor.runCommand('Handshake: Compare sslmodes');
    await editor.quickPick('zz [Details');
    await editor.page.locator('.view-line', { hasText: 'sslmodes of' }).first().waitFor({ timeout: 60_000 });
    await editor.page.waitForTimeout(1_500);
    await isHarmless(editor, 'sslmodes');
  });

  test('the run as a capture: the offered name, its page, its text, hover, outline and problems', async () => {
    await editor.runCommand('Handshake: Save Last Run as Capture');
    await editor.page
      .locator('.monaco-dialog-box')
      .getByRole('button', { name: 'Save', exact: true })
      .click();
    await editor.saveAs(/\/zz -Details-\(command-[^/]*\.pcapng$/, path.join(workspace.folder, 'run.pcapng'));
    const page = await editor.webviewFrame('capture');
    await page.getByRole('option').first().click();
    await page.getByText('ErrorResponse').first().click();
    await page.getByText('\\u{202e}txt').first().waitFor();
    await isHarmless(editor, 'capture');
    await editor.runCommand('Handshake: Show Annotated Text');
    await editor.runCommand('View: Close Editors in Other Groups');
    const word = editor.page.locator('.view-line span', { hasText: /^ErrorResponse/ }).last();
    await word.hover();
    const hover = editor.page.locator('.monaco-hover:visible', { hasText: 'from the server' }).first();
    await hover.waitFor();
    expect(await hover.innerText()).toContain(LINK);
    expect(await waysOut(editor), 'hover').toEqual([]);
    await editor.page.screenshot({ path: path.join(outFolder, 'screenshots/hostile-hover.png') });
    await editor.runCommand('Explorer: Focus on Outline View');
    await editor.page.locator('.outline-pane .monaco-list-row', { hasText: 'PostgreSQL' }).first().waitFor();
    await editor.runCommand('Problems: Focus on Problems View');
    await isHarmless(editor, 'outline-problems');
    await editor.runCommand('View: Hide Panel');
  });

  test('a capture whose name and user are links: prompt, notifications, offered name', async () => {
    await editor.openFile('named');
    const page = await editor.webviewFrame('capture');
    await page.getByRole('option').first().waitFor();
    await isHarmless(editor, 'named');
    await editor.runCommand('Handshake: Check Password');
    const prompt = editor.page.locator('.quick-input-message', { hasText: 'Details\\u{5d}(command:' });
    await prompt.waitFor();
    await isHarmless(editor, 'prompt');
    await editor.inputBox('x');
    await editor.waitForNotification(/This password is/);
    await isHarmless(editor, 'checked');
    await editor.runCommand('Handshake: Save Handshakes');
    await editor.quickPick('All Handshakes');
    await editor.quickPick('Redacted');
    await editor.saveAs(
      /\/named -Details-\(command-[^/]*-redacted\.pcapng$/,
      path.join(workspace.folder, 'saved.pcapng'),
    );
    await editor.waitForNotification(/Saved saved\.pcapng/);
  });

  test('the output channel, with what the lab logs of a client', async () => {
    await editor.runCommand('Handshake: Start Lab Server');
    await editor.quickPick('PostgreSQL');
    await editor.waitForNotification(/answers on/);
    const port = /answers on [\d.]+:(\d+)/.exec((await editor.notifications()).join(' '))?.[1];
    await logIn(Number(port), HOSTILE);
    await editor.runCommand('Output: Show Output Channels');
    await editor.quickPick('Handshake Inspector');
    await editor.page.locator('.output-view .view-line', { hasText: 'command:' }).first().waitFor();
    await editor.page.waitForTimeout(1_500);
    await isHarmless(editor, 'output');
  });

  test('asks nothing of any other machine', () => {
    expect(editor.foreignRequests).toEqual([]);
  });
});

await describeWith('hostile words in Restricted Mode', ['codeServer', 'chromium'], (tools) => {
  let workspace: Workspace;
  let editor: Editor;

  pictureFailures(() => editor);

  beforeAll(async () => {
    workspace = makeWorkspace([]);
    for (const name of ['link-in-user.pcap', 'invisible.pcap'])
      cpSync(fixture(name), path.join(workspace.folder, name));
    editor = await openEditor({ tools, folder: workspace.folder, trust: 'restricted', theme: 'light' });
  });

  afterAll(async () => {
    await editor?.close();
    workspace?.remove();
  });

  test('a user that is a link is text in the prompt and in the notification', async () => {
    await editor.openFile('link-in-user.pcap');
    await (await editor.webviewFrame('capture')).getByRole('option').first().waitFor();
    await editor.runCommand('Handshake: Check Password');
    await editor.page.locator('.quick-input-message', { hasText: 'Details\\u{5d}(command:' }).waitFor();
    await isHarmless(editor, 'restricted-prompt');
    await editor.inputBox('x');
    await editor.waitForNotification(/This password is/);
    await isHarmless(editor, 'restricted-notification');
  });

  test('what is not seen is shown', async () => {
    await editor.runCommand('Notifications: Clear All Notifications');
    await editor.runCommand('View: Close All Editors');
    await editor.openFile('invisible.pcap');
    const page = await editor.webviewFrame('capture');
    await page.getByText('\\u{e0041}').first().waitFor();
    await isHarmless(editor, 'restricted-invisible');
  });
});
