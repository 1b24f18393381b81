import { resolve } from 'node:path';
import { build } from 'esbuild';

/** The editor as far as an export needs it: it says yes and names the file. */
const VSCODE = `
  export const window = { showWarningMessage: async () => 'Save', showSaveDialog: async () => ({ scheme: 'file', fsPath: globalThis.chosenTarget }) };
  export const workspace = {}; export const commands = { executeCommand: async () => {} };
  export const Uri = {}; export class EventEmitter {}; export class TreeItem {}; export class ThemeIcon {};
`;

/** Builds test/support/writers/main.ts into one file that Node runs. */
export function bundleWriters(outfile: string): Promise<void> {
  return bundle(resolve(__dirname, 'main.ts'), outfile);
}

/** Builds the command line as it is now into one file that Node runs. */
export function bundleCommandLine(outfile: string): Promise<void> {
  return bundle(resolve(__dirname, '../../../src/cli/main.ts'), outfile);
}

async function bundle(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'error',
    plugins: [
      {
        name: 'editor',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^vscode$/ }, () => ({ path: 'vscode', namespace: 'editor' }));
          onLoad({ filter: /.*/, namespace: 'editor' }, () => ({ contents: VSCODE, loader: 'js' }));
        },
      },
    ],
  });
}
