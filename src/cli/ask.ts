import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { line } from '../base/shown/outlets';
import { tell, tellPrompt } from './terminal';

/** Asks for a password without echo; undefined where nobody can answer, or when it is called off. */
export async function askOnTerminal(prompt: string, signal?: AbortSignal): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  tellPrompt(line(prompt));
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  // While a line is read, Ctrl-C is a key like others.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return await terminal.question('', { signal });
  } catch (error) {
    if (signal?.aborted) return undefined;
    throw error;
  } finally {
    terminal.close();
    tell(line``);
  }
}
