import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { webviewHtml } from '../../src/extension/webview-html';
import type { Trace } from '../../src/trace/model';
import type {} from './fake-host';

/** The two views in a real browser, in the host's own page and under its own content security policy. */

const root = fileURLToPath(new URL('../..', import.meta.url));
export const SCREENSHOTS = join(root, 'out', 'screenshots');
const NONCE = 'harness0123456789';

export interface Pages {
  open(view: 'capture' | 'states', options: OpenOptions): Promise<ViewPage>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly sample: string;
  readonly theme?: 'dark' | 'light' | 'contrast';
  readonly width?: number;
  readonly height?: number;
  /** Shown instead of the samples. */
  readonly traces?: readonly Trace[];
}

export interface ViewPage {
  readonly page: Page;
  /** Console errors and warnings, uncaught errors and blocked content. */
  readonly complaints: string[];
  /** What the view sent to its host. */
  sent(method: string): Promise<unknown[]>;
  screenshot(name: string): Promise<void>;
}

async function bundles(): Promise<Map<string, string>> {
  const entries = {
    '/capture.js': 'src/webview/capture/main.ts',
    '/states.js': 'src/webview/states/main.ts',
    '/host.js': 'test/webview/fake-host.ts',
  };
  const files = new Map<string, string>();
  for (const [name, entry] of Object.entries(entries)) {
    const built = await build({
      absWorkingDir: root,
      entryPoints: [entry],
      bundle: true,
      write: false,
      format: 'iife',
      target: 'chrome120',
      tsconfig: join(root, 'src/tsconfig.webview.json'),
      logLevel: 'warning',
    });
    files.set(name, built.outputFiles[0].text);
  }
  return files;
}

function html(view: string): string {
  const page = webviewHtml({ title: view, scripts: [`/${view}.js`], nonce: NONCE });
  return page.replace('<script', `<script nonce="${NONCE}" src="/host.js"></script><script`);
}

export async function startPages(executablePath: string): Promise<Pages> {
  const files = await bundles();
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const script = files.get(path);
    const view = /^\/(capture|states)$/.exec(path)?.[1];
    if (script !== undefined)
      response.setHeader('content-type', 'text/javascript; charset=utf-8').end(script);
    else if (view) response.setHeader('content-type', 'text/html; charset=utf-8').end(html(view));
    else response.writeHead(path === '/favicon.ico' ? 204 : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  let browser: Browser | undefined;
  try {
    browser = await chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  } catch (error) {
    server.close();
    throw error;
  }
  const running = browser;
  mkdirSync(SCREENSHOTS, { recursive: true });
  return {
    open: (view, options) => open(running, port, view, options),
    async close() {
      await running.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function open(browser: Browser, port: number, view: string, options: OpenOptions): Promise<ViewPage> {
  const { sample, theme = 'dark', width = 1200, height = 800 } = options;
  const page = await browser.newPage({ viewport: { width, height }, reducedMotion: 'reduce' });
  page.setDefaultTimeout(8_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(
        `blocked by the content security policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`,
      );
    });
  });
  if (options.traces) {
    await page.addInitScript((traces) => {
      window.sampleTraces = traces;
    }, options.traces as Trace[]);
  }
  await page.goto(`http://127.0.0.1:${port}/${view}?theme=${theme}&sample=${sample}`);
  return {
    page,
    complaints,
    sent: (method) =>
      page.evaluate(
        (wanted) =>
          window.harness.log.filter((entry) => entry.method === wanted).map((entry) => entry.params),
        method,
      ),
    async screenshot(name) {
      await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
    },
  };
}
