// `npm start`: VS Code with the extension, on the demo workspace. The desktop VS Code if there is one, else
// a served one in the browser.
//   --served   the served one in any case
//   --check    starts it, waits until it answers, says so and ends
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { packageExtension } from './package.mjs';
import { demoFolder, outFolder, root } from './paths.mjs';
import { startServedEditor } from './served-editor.mjs';
import { provide } from './toolchain/index.mjs';
import { note, onPath } from './toolchain/run.mjs';

const { values } = parseArgs({ options: { served: { type: 'boolean' }, check: { type: 'boolean' } } });
const hasDisplay =
  process.platform === 'darwin' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

try {
  const desktop = onPath('code', '/Applications/Visual Studio Code.app/Contents/Resources/app/bin/code');
  if (desktop && hasDisplay && !values.served && !values.check) await openDesktop(desktop);
  else await openServed();
} catch (error) {
  note(error.message);
  process.exit(1);
}

async function openDesktop(code) {
  await build({ ifStale: true });
  note(`opening ${demoFolder} in VS Code with this checkout's extension`);
  const child = spawn(code, ['--new-window', `--extensionDevelopmentPath=${root}`, demoFolder], {
    stdio: 'inherit',
  });
  child.on('exit', (status) => process.exit(status ?? 1));
}

async function openServed() {
  // The editor is the longest part the first time, so it is fetched while the bundles are built.
  const editorReady = provide('codeServer');
  const vsix = await packageExtension({ ifStale: true });
  const codeServer = await editorReady;
  if (codeServer.skipped) {
    throw new Error(`No VS Code to open: there is no \`code\` command here, and ${codeServer.skipped}`);
  }
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));
  // A check must say what a first start says, so it never meets an earlier one's user data.
  const home = values.check
    ? mkdtempSync(path.join(outFolder, 'start-check-'))
    : path.join(outFolder, 'start');
  const editor = await startServedEditor({
    codeServer,
    vsix,
    folder: demoFolder,
    home,
    workspaceTrust: false, // The demo is this checkout's own; a trust question would be the first thing seen.
  });
  const stop = async () => {
    await editor.stop();
    if (values.check) rmSync(home, { recursive: true, force: true });
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal).on(signal, stop);
  process.stdout.write(`\n  Handshake Inspector is ready: ${editor.url}\n\n`);
  if (values.check) return stop();
  process.stdout.write('  Open this address in a browser. Ctrl-C here stops it.\n\n');
  openBrowser(editor.url);
  await editor.exited;
  throw new Error(`the served VS Code has ended\n${editor.log().split('\n').slice(-10).join('\n')}`);
}

function openBrowser(url) {
  const opener = process.platform === 'darwin' ? onPath('open') : onPath('xdg-open');
  if (!opener || !hasDisplay) return;
  const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
  child.on('error', () => note('the browser could not be opened; the address above works in any'));
  child.unref();
}
