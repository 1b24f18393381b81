import { json, jsonPiece } from '../base/shown/json';
import { line } from '../base/shown/outlets';
import { writeWhole } from '../files/write-whole';
import { recordingsToPcapng } from '../inspect/export';
import { compareModes } from '../live/matrix';
import { matrixJson, matrixText } from '../live/matrix-text';
import type { ConnectTarget } from '../live/target';
import { EXIT } from './exit';
import type { OutputOptions } from './output';
import { print, tellProgress } from './terminal';
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
      tellProgress(line``);
      return command.askPassword(prompt);
    },
    onMode: (mode) => tellProgress(line`${mode} …`),
  });
  tellProgress(line``);
  const asJson = command.format === 'json';
  await print(asJson ? jsonPiece`${json(matrixJson(compared), 2)}\n` : matrixText(compared));
  const { save } = command;
  if (save) {
    const recordings = compared.rows.flatMap((row) => row.recordings);
    await whileWriting(() => writeWhole(save, recordingsToPcapng(recordings)));
  }
  return compared.rows.some((row) => row.outcome === 'ready') ? EXIT.ok : EXIT.partial;
}
