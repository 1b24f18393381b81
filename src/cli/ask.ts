import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { line } from '../base/shown/outlets';
import { tell, tellPrompt } from './terminal';

/** Asks for a password without echo; undefined where nobody can answer. */
export async function askOnTerminal(prompt: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  tellPrompt(line(prompt));
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    tell(line``);
  }
}
