import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const source = resolve(__dirname, '../../../src');

/** Every file of the program with its text, comments blanked out. */
export function sourceTexts(folder = source): { readonly file: string; readonly text: string }[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sourceTexts(path);
    if (!path.endsWith('.ts')) return [];
    const text = readFileSync(path, 'utf8')
      .replace(/\/\*[\s\S]*?\*\//g, blank)
      .replace(/(^|\s)\/\/.*$/gm, blank);
    return [{ file: relative(source, path).replaceAll('\\', '/'), text }];
  });
}

/** The line that an offset is in, from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function blank(comment: string): string {
  return comment.replace(/[^\n]/g, ' ');
}
