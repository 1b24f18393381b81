// Activates dist/extension.js with a `vscode` that agrees to everything, and prints what that cost:
// { milliseconds, files: [[name, bytes], …] }. Run by test/package/activation.test.ts and the bench.
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

/** Any property is there, may be called and constructed, and gives the same again. */
function agreeable() {
  const target = function agree() {};
  const self = new Proxy(target, {
    get: (_, name) => {
      if (name === 'then' || name === Symbol.iterator) return undefined;
      return name === Symbol.toPrimitive ? () => '/x' : self;
    },
    set: () => true,
    apply: () => self,
    construct: () => self,
  });
  return self;
}

const vscode = agreeable();
const load = Module._load;
Module._load = (request, ...more) => (request === 'vscode' ? vscode : load(request, ...more));

const dist = path.resolve(process.argv[2]);
const started = process.hrtime.bigint();
const extension = require(path.join(dist, 'extension.js'));
const context = {
  subscriptions: [],
  extensionUri: vscode,
  extension: vscode,
  secrets: vscode,
  globalState: vscode,
  workspaceState: vscode,
  asAbsolutePath: (file) => file,
};
Promise.resolve(extension.activate(context)).then(() => {
  const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
  const files = Object.keys(require.cache)
    .filter((file) => file.startsWith(dist))
    .map((file) => [path.relative(dist, file), readFileSync(file).length]);
  process.stdout.write(`${JSON.stringify({ milliseconds, files })}\n`);
  process.exit(0);
});
