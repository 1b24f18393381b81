// Starts a real VS Code that is served over HTTP on loopback: for `npm start` where no desktop editor is, and
// for the end-to-end tests. Everything it writes goes below one folder of the caller's.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './toolchain/run.mjs';
import { spawnTethered } from './toolchain/tether.mjs';

const START_TIMEOUT_MS = 60_000;

/** Nothing asks, advertises, updates or reports: what is left on the screen is the editor and the extension. */
const QUIET_SETTINGS = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/**
 * @param {object} options
 * @param {{ node: string, entry: string }} options.codeServer what the toolchain provided
 * @param {string} options.home folder for user data, extensions and logs
 * @param {string} options.vsix the packaged extension
 * @param {string[]} [options.others] more of them, installed beside it
 * @param {string} options.folder the workspace to open
 * @param {Record<string, unknown>} [options.settings] user settings beside the quiet ones
 * @param {boolean} [options.workspaceTrust] whether VS Code asks for trust; a folder starts in Restricted Mode
 * @param {NodeJS.ProcessEnv} [options.env] more variables for the editor and its extensions
 * @returns {Promise<{ url: string, origin: string, log: () => string, exited: Promise<unknown>,
 *   stop: () => Promise<void> }>} resolves when the workbench answers; `stop` ends every process it started
 */
export async function startServedEditor(options) {
  const {
    codeServer,
    home,
    vsix,
    others = [],
    folder,
    settings = {},
    workspaceTrust = true,
    env: more = {},
  } = options;
  const userData = path.join(home, 'user-data');
  mkdirSync(path.join(userData, 'User'), { recursive: true });
  writeFileSync(
    path.join(userData, 'User/settings.json'),
    JSON.stringify({ ...QUIET_SETTINGS, ...settings }, null, 2),
  );
  // A config file of its own, for without this code-server would make one in the person's home.
  const config = path.join(home, 'config.yaml');
  writeFileSync(config, 'auth: none\ncert: false\n');
  const place = [
    ['--config', config],
    ['--user-data-dir', userData],
    ['--extensions-dir', path.join(home, 'extensions')],
  ].flat();
  // No extension gallery: nothing here is looked up outside this machine.
  const env = { ...cleanEnvironment(), EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...more };
  const installed = [vsix, ...others].flatMap((each) => ['--install-extension', each]);
  await run(codeServer.node, [codeServer.entry, ...place, ...installed, '--force'], { env });

  const quiet = ['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'];
  if (!workspaceTrust) quiet.push('--disable-workspace-trust');
  const listen = ['--auth', 'none', '--bind-addr', '127.0.0.1:0'];
  const server = spawnTethered(codeServer.node, [codeServer.entry, ...place, ...listen, ...quiet, folder], {
    env,
  });
  const editor = watch(server);
  try {
    const origin = await editor.origin;
    await answers(origin);
    const url = `${origin}/?folder=${encodeURIComponent(path.resolve(folder))}`;
    return { url, origin, log: editor.log, exited: server.exited, stop: server.stop };
  } catch (error) {
    await server.stop();
    throw new Error(`${error.message}\n${editor.log().split('\n').slice(-20).join('\n')}`);
  }
}

/** Inside a VS Code terminal these would make the new server hand its folder to the one already running. */
function cleanEnvironment() {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    if (/^(VSCODE_|CODE_SERVER_|ELECTRON_|PASSWORD$|HASHED_PASSWORD$|PORT$)/.test(name)) delete env[name];
  }
  return env;
}

function watch({ process: child, exited }) {
  let output = '';
  const origin = new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error('the served VS Code did not say where it listens')),
      START_TIMEOUT_MS,
    );
    const read = (data) => {
      output += data;
      const listening = /HTTP server listening on (http:\/\/[\d.:]+)/.exec(output);
      if (!listening) return;
      clearTimeout(timer);
      resolve(listening[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    exited.then(() => {
      clearTimeout(timer);
      reject(new Error('the served VS Code ended at once'));
    });
  });
  return { origin, log: () => output };
}

async function answers(origin) {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      const response = await fetch(origin, { signal: AbortSignal.timeout(10_000) });
      await response.arrayBuffer();
      if (response.ok) return;
    } catch {
      // Not yet.
    }
    if (Date.now() > deadline) throw new Error(`${origin} did not answer with the workbench`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
