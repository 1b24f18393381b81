/** The npm package `mongodb` in four generations, each in a process of its own as an application would have it. */
import type { MongoTestClient } from './answer';
import { runLogins } from './programs';

/** By the name that package.json gives each. */
const PACKAGES = ['mongodb', 'mongodb4', 'mongodb3', 'mongodb2'] as const;

const SCRIPT = new URL('login.node.cjs', import.meta.url).pathname;

export function nodeDrivers(): MongoTestClient[] {
  return PACKAGES.map((name) => ({
    name,
    login: (uris) => runLogins(process.execPath, ['--no-deprecation', SCRIPT, name, ...uris]),
  }));
}
