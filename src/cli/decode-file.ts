import { CaptureFileError } from '../files/errors';
import { readCapture } from '../files/read-capture';
import type { DecodeAs } from '../inspect/known-servers';
import type { KeyLog } from '../tls/keylog';
import { documentWriter } from './document-writer';
import { EXIT } from './exit';
import type { DecodeFormat, JsonVersion } from './formats';
import { Output, type TakeText } from './output';
import type { Rules } from './sarif';

export interface DecodeFileOptions {
  readonly format: DecodeFormat;
  readonly jsonVersion?: JsonVersion;
  readonly reveal: boolean;
  readonly keyLog?: KeyLog;
  readonly decodeAs?: DecodeAs;
  /** Most that a compressed file is unpacked to, megabytes. */
  readonly unpackedLimit?: number;
  /** Whether other files are printed too. */
  readonly several: boolean;
  /** Other threads decode other files meanwhile: nothing is won by reading ahead on one more. */
  readonly blocking?: boolean;
}

export interface FileResult {
  readonly status: number;
  /** What to say about a file that gives nothing. */
  readonly complaint?: string;
  readonly rules: Rules;
}

/** Decodes one file and gives its text piece by piece; none at all for a file that cannot be read. */
export async function decodeFile(
  file: string,
  options: DecodeFileOptions,
  take: TakeText,
): Promise<FileResult> {
  const rules: Rules = new Map();
  const output = new Output(take);
  const writer = documentWriter(output, { ...options, file }, rules);
  try {
    const { document, damaged } = await readCapture(file, {
      keyLog: options.keyLog,
      decodeAs: options.decodeAs,
      blocking: options.blocking,
      unpackedMegabytes: options.unpackedLimit,
      outline: options.format === 'list',
      onOrderedTrace: (trace) => writer.trace(trace),
      drain: () => output.drain(),
    });
    writer.end(document.capture);
    await output.flush();
    return { status: damaged ? EXIT.partial : EXIT.ok, rules };
  } catch (error) {
    if (!(error instanceof CaptureFileError)) throw error;
    return { status: EXIT.unusable, complaint: error.message, rules };
  }
}
