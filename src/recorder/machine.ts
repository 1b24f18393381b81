import { readFileSync } from 'node:fs';
import type { Machine } from './problems';

/** The machine that this runs on. */
export function thisMachine(): Machine {
  return { platform: process.platform, root: process.getuid?.() === 0, distribution: distribution() };
}

function distribution(): string[] {
  if (process.platform !== 'linux') return [];
  try {
    return distributionNames(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return [];
  }
}

/** `ID` and what it is like, from the text of os-release(5). */
export function distributionNames(text: string): string[] {
  const values = [...text.matchAll(/^(?:ID|ID_LIKE)=["']?([^"'\n]*)/gm)];
  return values.flatMap(([, value]) => value.toLowerCase().split(/\s+/)).filter((name) => name !== '');
}
