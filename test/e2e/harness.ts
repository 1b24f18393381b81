// A real VS Code with the packaged extension, driven through a real browser.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type Browser, type BrowserContext, chromium, type Frame, type Page } from 'playwright-core';
import { afterEach, expect } from 'vitest';
import { packageExtension } from '../../scripts/package.mjs';
import { outFolder } from '../../scripts/paths.mjs';
import { startServedEditor } from '../../scripts/served-editor.mjs';
import type { Tools } from '../support/toolchain';

const THEMES = { dark: 'Default Dark Modern', light: 'Default Light Modern' };
const screenshots = path.join(outFolder, 'screenshots');

/** Chromium without its own errands; no name and no address but loopback can be reached from a page. */
const BROWSER_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

export interface EditorOptions {
  tools: Pick<Tools, 'codeServer' | 'chromium'>;
  /** Workspace folder; tests that change files in it pass a copy. */
  folder: string;
  /** `off`: every folder is trusted. `restricted`: no question is asked and the folder is not trusted. `ask`. */
  trust?: 'off' | 'restricted' | 'ask';
  theme?: keyof typeof THEMES;
  settings?: Record<string, unknown>;
  /** Packaged extensions installed beside ours. */
  others?: string[];
  env?: Record<string, string>;
  viewport?: { width: number; height: number };
}

/** Starts VS Code on a fresh profile and opens it in a fresh browser. Ends with `close`, also after a failure. */
export async function openEditor(options: EditorOptions): Promise<Editor> {
  const { tools, folder, trust = 'off', theme = 'dark', settings, others, env } = options;
  const vsix = await packageExtension({ ifStale: true });
  mkdirSync(path.join(outFolder, 'e2e'), { recursive: true });
  const home = mkdtempSync(path.join(outFolder, 'e2e/editor-'));
  const server = await startServedEditor({
    codeServer: tools.codeServer,
    home,
    vsix,
    others,
    folder,
    workspaceTrust: trust !== 'off',
    env,
    settings: {
      'workbench.colorTheme': THEMES[theme],
      'security.workspace.trust.startupPrompt': trust === 'ask' ? 'always' : 'never',
      'files.simpleDialog.enable': true,
      ...settings,
    },
  });
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    browser = await chromium.launch({ executablePath: tools.chromium.path, args: BROWSER_FLAGS });
    const context = await browser.newContext({ viewport: options.viewport ?? { width: 1440, height: 900 } });
    const foreignRequests = watchRequests(context);
    const page = await context.newPage();
    await page.goto(server.url);
    await page.locator('.monaco-workbench .statusbar').waitFor({ timeout: 60_000 });
    return new Editor(page, foreignRequests, server.log, close, home);
  } catch (error) {
    await close();
    throw error;
  }
}

/** A webview's files have addresses of this made-up host, which its service worker answers. */
const VIRTUAL_HOST = /\.vscode-resource\.vscode-cdn\.net$/;

/** Keeps a picture of what was on the screen when a test of this suite failed. */
export function pictureFailures(editor: () => Editor | undefined): void {
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    await editor()?.screenshot(`failed ${task.name}`.replace(/\W+/g, '-'));
  });
}

function watchRequests(context: BrowserContext): string[] {
  const foreign: string[] = [];
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    const isNetwork = /^(https?|wss?):$/.test(protocol);
    const isHere = hostname === '127.0.0.1' || hostname === 'localhost' || VIRTUAL_HOST.test(hostname);
    if (isNetwork && !isHere) foreign.push(request.url());
  });
  return foreign;
}

export class Editor {
  constructor(
    readonly page: Page,
    /** Addresses outside this machine that a page asked for (in vain), in order. */
    readonly foreignRequests: readonly string[],
    /** What the served VS Code has printed so far. */
    readonly serverLog: () => string,
    readonly close: () => Promise<void>,
    /** Folder of its profile and its extensions' storage. */
    readonly home: string,
  ) {}

  /** Runs a command by its title, as a person would: F1, the title, Enter. */
  async runCommand(title: string): Promise<void> {
    await this.#fromPalette('F1', `>${title}`, title);
  }

  /** Opens a file of the workspace by its path or a part of it, in the editor VS Code chooses for it. */
  async openFile(name: string): Promise<void> {
    await this.#fromPalette('Control+P', name, path.basename(name));
    await this.page
      .getByRole('tab', { name: path.basename(name) })
      .first()
      .waitFor();
  }

  /** Chooses a row of the quick pick that is open, by its label or the beginning of it. */
  async quickPick(label: string): Promise<void> {
    await this.chooseRow(label);
  }

  /** Answers the question whether the authors of the folder are trusted. */
  async answerTrust(trusted: boolean): Promise<void> {
    const dialog = this.page.locator('.monaco-dialog-box');
    await dialog.getByRole('button', { name: trusted ? /^Yes, / : /^No, / }).click();
    await dialog.waitFor({ state: 'detached' });
  }

  /** Answers the input box that is open. */
  async inputBox(text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget:visible .quick-input-box input');
    await input.waitFor();
    await input.fill(text);
    await input.press('Enter');
  }

  /**
   * Answers VS Code's own save dialog. It selects a part of the name it offers once it has looked at the folder: what is typed before
   * that goes into the middle of it.
   *
   * @param offered the name that it must offer.
   */
  async saveAs(offered: RegExp, file: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget:visible .quick-input-box input');
    await expect.poll(() => input.inputValue()).toMatch(offered);
    await expect
      .poll(async () => {
        await input.fill(file);
        return input.inputValue();
      })
      .toBe(file);
    await input.press('Enter');
  }

  /**
   * VS Code gives the focus back to a webview late, which on a busy machine closes its own palette: a person would press the key again,
   * and so does this.
   */
  async #fromPalette(key: string, text: string, row: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget:visible .quick-input-box input');
    for (let attempt = 1; ; attempt++) {
      try {
        await this.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
        await this.page.keyboard.press(key);
        await input.fill(text, { timeout: 5_000 });
        await this.chooseRow(row, 5_000);
        return;
      } catch (error) {
        if (attempt === 4) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  private async chooseRow(label: string, timeout = 30_000): Promise<void> {
    const rows = this.page.locator('.quick-input-widget:visible .quick-input-list .monaco-list-row');
    const row = rows.filter({ has: this.page.locator('.label-name', { hasText: label }) }).first();
    await row.click({ timeout });
  }

  /** Text of the notifications now shown. */
  async notifications(): Promise<string[]> {
    return this.page.locator('.notification-list-item-message').allInnerTexts();
  }

  /** Waits for a notification with this text in it. */
  async waitForNotification(text: string | RegExp, timeout = 30_000): Promise<void> {
    const messages = this.page.locator('.notification-list-item-message');
    await messages.filter({ hasText: text }).first().waitFor({ timeout });
  }

  /**
   * Presses a button of a notification, which goes with that. On a busy machine the list is drawn anew between the pointer's down and up,
   * for another notification, and the press is lost: then it is still there.
   */
  async pressNotificationButton(label: string): Promise<void> {
    const buttons = this.page.locator('.notification-list-item').getByRole('button', { name: label });
    const shown = () => buttons.count();
    await buttons.first().waitFor();
    for (let tries = 0; tries < 5; tries++) {
      const before = await shown();
      if (before === 0) return;
      await buttons.first().click();
      for (let looks = 0; looks < 20; looks++) {
        if ((await shown()) < before) return;
        await this.page.waitForTimeout(100);
      }
    }
    throw new Error(`the notification with "${label}" does not go when it is pressed`);
  }

  /** The document of one of our webviews, told by the bundle it loads: `capture` or `states`. */
  async webviewFrame(name: 'capture' | 'states', timeout = 30_000): Promise<Frame> {
    const deadline = Date.now() + timeout;
    for (;;) {
      for (const frame of this.page.frames()) {
        if (await loads(frame, `webview/${name}.js`)) return frame;
      }
      if (Date.now() > deadline) throw new Error(`no webview ${name} came up within ${timeout} ms`);
      await this.page.waitForTimeout(100);
    }
  }

  /** @returns the picture's path, `out/screenshots/NAME.png` */
  async screenshot(name: string): Promise<string> {
    mkdirSync(screenshots, { recursive: true });
    const file = path.join(screenshots, `${name}.png`);
    // Off to an empty part of the status bar, so that no tooltip is in the picture.
    const { width, height } = this.page.viewportSize() ?? { width: 0, height: 0 };
    await this.page.mouse.move(width / 2, height - 2);
    await this.page.waitForTimeout(400);
    await this.page.screenshot({ path: file });
    return file;
  }
}

async function loads(frame: Frame, script: string): Promise<boolean> {
  try {
    return await frame.evaluate(
      (part) => [...document.scripts].some((element) => element.src.includes(part)) && document.body !== null,
      script,
    );
  } catch {
    return false; // Going away, or not there yet.
  }
}
