import { writeWhole } from '../files/write-whole';
import { recordingsToPcapng } from '../inspect/export';
import { compareModes, type MatrixMode } from '../live/matrix';
import { matrixJson, matrixText } from '../live/matrix-text';
import type { ConnectTarget } from '../live/target';
import { EXIT } from './exit';
import { type OutputOptions, print } from './output';
import { whileWriting } from './while-writing';

export interface MatrixCommand {
  /** The target with these options over its own. */
  build(options: Readonly<Record<string, string>>): ConnectTarget;
  askPassword(prompt: string): Promise<string | undefined>;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly format: OutputOptions['format'];
  readonly save?: string;
}

/** `connect URI --matrix`: every mode once, as a table. 0 when at least one of them connects. */
export async function matrix(command: MatrixCommand): Promise<number> {
  const compared = await compareModes(command.build, {
    signal: command.signal,
    timeoutMs: command.timeoutMs,
    askPassword: (prompt) => {
      progress('');
      return command.askPassword(prompt);
    },
    onMode: (mode) => progress(`${mode} …`),
  });
  progress('');
  const json = command.format === 'json';
  await print(json ? `${JSON.stringify(matrixJson(compared), null, 2)}\n` : matrixText(compared));
  const { save } = command;
  if (save) {
    const recordings = compared.rows.flatMap((row) => row.recordings);
    await whileWriting(() => writeWhole(save, recordingsToPcapng(recordings)));
  }
  return compared.rows.some((row) => row.outcome === 'ready') ? EXIT.ok : EXIT.partial;
}

/** One line that is written over, and only where a person watches. */
function progress(text: MatrixMode | string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
