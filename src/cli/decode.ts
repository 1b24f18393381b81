import { CaptureFileError } from '../files/errors';
import { readCapture } from '../files/read-capture';
import { readKeyLog } from '../files/read-key-log';
import type { KeyLog } from '../tls/keylog';
import { documentWriter } from './document-writer';
import { EXIT } from './exit';
import { type DecodeFormat, Output } from './output';

export interface DecodeOptions {
  readonly format: DecodeFormat;
  readonly reveal: boolean;
  readonly keylog?: string;
}

/** `decode FILE…`: prints each file's document and gives the worst exit status of all. */
export async function decode(files: readonly string[], options: DecodeOptions): Promise<number> {
  let status: number = EXIT.ok;
  let keyLog: KeyLog | undefined;
  try {
    if (options.keylog) keyLog = await readKeyLog(options.keylog);
  } catch (error) {
    return complain(error);
  }
  const output = new Output(process.stdout);
  let index = 0;
  for (const file of files) {
    const writer = documentWriter(output, { ...options, file, index, several: files.length > 1 });
    try {
      const { document, damaged } = await readCapture(file, {
        keyLog,
        onOrderedTrace: (trace) => writer.trace(trace),
        drain: () => output.drain(),
      });
      writer.end(document.capture);
      index++;
      await output.drain();
      if (damaged) status = Math.max(status, EXIT.partial);
    } catch (error) {
      status = Math.max(status, complain(error));
    }
  }
  await output.flush();
  return status;
}

/** One line on stderr for a file that gives nothing. */
function complain(error: unknown): number {
  if (!(error instanceof CaptureFileError)) throw error;
  process.stderr.write(`handshake-inspector: ${error.message}\n`);
  return EXIT.unusable;
}
