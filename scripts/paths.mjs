// Where things are in the checkout. All of `out/` and `dist/` can be deleted at any time.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const distFolder = path.join(root, 'dist');
export const outFolder = path.join(root, 'out');
export const vsixFile = path.join(outFolder, 'handshake-inspector.vsix');
export const demoFolder = path.join(root, 'demo');
