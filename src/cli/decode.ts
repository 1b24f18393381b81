import { CaptureFileError } from '../files/errors';
import { readKeyLog } from '../files/read-key-log';
import type { KeyLog } from '../tls/keylog';
import { capturePaths } from './capture-paths';
import type { FileResult } from './decode-file';
import { separator } from './document-writer';
import { EXIT } from './exit';
import type { DecodeFormat } from './formats';
import { Output, toStream } from './output';
import { type Rules, SARIF_START, sarifEnd } from './sarif';
import { workersFor } from './workers';

export interface DecodeOptions {
  readonly format: DecodeFormat;
  readonly reveal: boolean;
  readonly keylog?: string;
  /** File to copy the handshakes' packets to; then one capture only. */
  readonly save?: string;
  /** Copy them without passwords, proofs and names. */
  readonly redact?: boolean;
  readonly redactAddresses?: boolean;
  /** Ids of those to copy; all if absent. */
  readonly trace?: readonly string[];
  /** Most threads to use; as many as are worth it if absent. */
  readonly jobs?: number;
  /** This program's version, for formats that name it. */
  readonly version: string;
}

/** `decode FILE…`: prints each file's document in the order given, and gives the worst exit status of all. */
export async function decode(named: readonly string[], options: DecodeOptions): Promise<number> {
  let keyLog: KeyLog | undefined;
  try {
    if (options.keylog) keyLog = await readKeyLog(options.keylog);
  } catch (error) {
    if (!(error instanceof CaptureFileError)) throw error;
    complain(error.message);
    return EXIT.unusable;
  }
  const files = await capturePaths(named);
  if (options.save !== undefined && files.length !== 1) {
    complain('--save copies from one capture at a time.');
    return EXIT.unusable;
  }
  if (options.redact && options.save === undefined) {
    complain('--redact goes with --save FILE: what is printed is masked anyway.');
    return EXIT.unusable;
  }
  if (options.redactAddresses && !options.redact) {
    complain('--redact-addresses goes with --save FILE --redact.');
    return EXIT.unusable;
  }
  const several = files.length > 1 || files[0]?.path !== named[0];
  const output = new Output(toStream(process.stdout));
  const rules: Rules = new Map();
  let status: number = files.length === 0 ? EXIT.unusable : EXIT.ok;
  if (files.length === 0) complain('there is no .pcap, .pcapng or .cap file in what was named.');
  let printed = -1;
  let last = -1;
  const text = (index: number, piece: Uint8Array) => {
    if (index !== last && printed >= 0) output.write(separator(options.format));
    last = index;
    printed = index;
    output.write(piece);
  };
  const end = (result: FileResult) => {
    status = Math.max(status, result.status);
    for (const [code, help] of result.rules) rules.set(code, help);
    if (result.complaint) complain(result.complaint);
  };

  if (options.format === 'sarif') output.write(SARIF_START);
  const workers = Math.min(options.jobs ?? Number.POSITIVE_INFINITY, workersFor(files));
  if (workers > 1) {
    const { format, reveal, keylog } = options;
    const { decodeInParallel } = await import('./decode-pool');
    await decodeInParallel(files, { format, reveal, keylog }, workers, process.argv[1], {
      text: (index, piece) => {
        text(index, piece);
        void output.drain();
      },
      end: (_, result) => end(result),
    });
  } else {
    const { decodeFile } = await import('./decode-file');
    for (const [index, { path }] of files.entries()) {
      const { format, reveal } = options;
      const result = await decodeFile(path, { format, reveal, keyLog, several, blocking: true }, (piece) => {
        text(index, piece);
        return output.drain();
      });
      await output.flush();
      end(result);
    }
  }
  if (options.format === 'sarif') output.write(sarifEnd(rules, options.version));
  await output.flush();
  if (options.save !== undefined && status !== EXIT.unusable)
    await save(files[0].path, options.save, options, keyLog);
  return status;
}

async function save(path: string, target: string, options: DecodeOptions, keyLog?: KeyLog): Promise<void> {
  const { saveTraces } = await import('../files/save-traces');
  const { trace: ids, keylog: keyLogFile, redact, redactAddresses } = options;
  const packets = await saveTraces(path, target, { ids, keyLog, keyLogFile, redact, redactAddresses });
  const without = redactAddresses ? ' without passwords, proofs, names and addresses' : '';
  const what = redact && !redactAddresses ? ' without passwords, proofs and names' : without;
  complain(`${packets} packets saved to ${target}${what}.`);
}

/** One line on stderr. */
function complain(message: string): void {
  process.stderr.write(`handshake-inspector: ${message}\n`);
}
