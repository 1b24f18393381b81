import { CaptureFileError } from '../files/errors';
import { readCapture } from '../files/read-capture';
import { readKeyLog } from '../files/read-key-log';
import type { KeyLog } from '../tls/keylog';
import { EXIT } from './exit';
import { format, type OutputOptions, print } from './output';

export interface DecodeOptions extends OutputOptions {
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
  for (const [index, file] of files.entries()) {
    try {
      const { document, damaged } = await readCapture(file, { keyLog });
      if (options.format === 'text' && index > 0) await print('\n');
      await print(format(document, options, files.length > 1));
      if (damaged) status = Math.max(status, EXIT.partial);
    } catch (error) {
      status = Math.max(status, complain(error));
    }
  }
  return status;
}

/** One line on stderr for a file that gives nothing. */
function complain(error: unknown): number {
  if (!(error instanceof CaptureFileError)) throw error;
  process.stderr.write(`handshake-inspector: ${error.message}\n`);
  return EXIT.unusable;
}
