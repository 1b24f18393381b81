/**
 * The standard streams of this program. Nothing else in `cli` writes to them: what is foreign gets here only through its gate, so that no
 * file name, server or capture moves a cursor, sets a title or turns a line round.
 */
import { type Gated, together } from '../base/shown/gate';
import type { JsonText } from '../base/shown/json';
import { type LineText, line, type MarkdownText } from '../base/shown/outlets';

/** What can be printed. */
export type Printable = LineText | MarkdownText | JsonText;

/** Writes to standard output and waits until the stream has taken it. */
export function print(text: Printable): Promise<void> {
  return printBytes(text);
}

/** @param utf8 what gates made, encoded. */
export function printBytes(utf8: Uint8Array | Gated<string>): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(utf8, () => resolve());
  });
}

/** Lines on standard error. */
export function tell(text: LineText): void {
  process.stderr.write(`${text}\n`);
}

/** One line on standard error, with who says it. */
export function complain(text: LineText): void {
  tell(together([line`handshake-inspector:`, text], ' '));
}

/** A line on standard error that is written over by the next, where a person watches; an empty one ends it. */
export function tellProgress(text: LineText): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** A question on standard error, without an end of the line. */
export function tellPrompt(text: LineText): void {
  process.stderr.write(`${text}: `);
}

/** A text of several lines that somebody else put together, our own words among it. */
export function linesOf(text: string): LineText {
  return together(text.split('\n').map(line), '\n');
}

/** For text that was put together as it is printed, ends of lines included. */
export function writeLines(stream: 'stdout' | 'stderr', text: string): void {
  process[stream].write(linesOf(text));
}

/** What happens when standard output can be written no more. */
export function onPrintError(handle: (error: NodeJS.ErrnoException) => void): void {
  process.stdout.on('error', handle);
  process.stderr.on('error', () => {
    // Nobody reads it, and there is nowhere else to say so.
  });
}
