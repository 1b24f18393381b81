// Everything that the tests, the demo and the recorder use and that is not an npm dependency of the project.
// Each is a function: asked again, it answers with what it found the first time.
import { readFileSync } from 'node:fs';
import { codeServer } from './code-server.mjs';
import { IN_FRONT } from './in-front.mjs';
import { ferretdb, libmongoc, mongosh, pymongo } from './mongo.mjs';
import { node24 } from './node24.mjs';
import { postgres15, postgres18 } from './postgres.mjs';
import { note, onPath } from './run.mjs';
import { findOrInstall } from './system-packages.mjs';

const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const macChrome = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** @type {Record<string, () => Promise<Record<string, unknown> | { skipped: string }>>} */
const TOOLS = {
  node24,
  codeServer,
  postgres18,
  postgres15,
  psql: () => program('postgresql-client', () => onPath('psql')),
  tshark: () => program('tshark', () => onPath('tshark')),
  tcpdump: () => program('tcpdump', () => onPath('tcpdump')),
  chromium: () => program('chromium', () => onPath(...chromiumNames, macChrome)),
  mongosh,
  pymongo,
  libmongoc,
  ferretdb,
  ...IN_FRONT,
};

export const TOOL_NAMES = Object.keys(TOOLS);

const answers = new Map();

/**
 * @param {string} name one of TOOL_NAMES
 * @returns {Promise<any>} its paths, or `{ skipped: reason }`: never rejects
 */
export function provide(name) {
  if (!answers.has(name)) answers.set(name, answer(name));
  return answers.get(name);
}

async function answer(name) {
  let result;
  try {
    result = await TOOLS[name]();
  } catch (error) {
    result = { skipped: `${name} could not be installed: ${error.message}` };
  }
  if (result.skipped) note(`without ${name}: ${result.skipped}`);
  return result;
}

async function program(debianPackage, find) {
  const found = await findOrInstall(debianPackage, find);
  return typeof found === 'string' ? { path: found } : found;
}

/**
 * Whom to start a PostgreSQL server as: it refuses to run as root.
 * @returns {{ uid: number, gid: number, user: string } | undefined} undefined where we are not root anyway
 */
export function unprivilegedUser() {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const account =
    accounts.find(([name]) => name === 'postgres') ?? accounts.find(([name]) => name === 'nobody');
  if (!account) throw new Error('running as root, and there is neither a user postgres nor nobody');
  return { user: account[0], uid: Number(account[2]), gid: Number(account[3]) };
}
