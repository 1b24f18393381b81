import { line } from '../base/shown/outlets';
import { CaptureFileError } from '../files/errors';
import { shownPath } from '../files/path-bytes';
import { readKeyLog } from '../files/read-key-log';
import type { DecodeAs } from '../inspect/known-servers';
import type { KeyLog } from '../tls/keylog';
import { capturePaths } from './capture-paths';
import type { FileResult } from './decode-file';
import { separator } from './document-writer';
import { EXIT } from './exit';
import type { DecodeFormat, JsonVersion } from './formats';
import { Output } from './output';
import { type Rules, SARIF_START, sarifEnd } from './sarif';
import { boundYoungHeap } from './small-heap';
import { complain, printBytes } from './terminal';
import { workersFor } from './workers';

export interface DecodeOptions {
  readonly format: DecodeFormat;
  readonly jsonVersion?: JsonVersion;
  readonly reveal: boolean;
  readonly keylog?: string;
  /** What is spoken on ports of servers. */
  readonly decodeAs?: DecodeAs;
  /** File to copy the handshakes' packets to; then one capture only. */
  readonly save?: string;
  /** Copy them without passwords, proofs and names. */
  readonly redact?: boolean;
  readonly redactAddresses?: boolean;
  /** Ids of those to copy; all if absent. */
  readonly trace?: readonly string[];
  /** Most that a compressed file is unpacked to, megabytes. */
  readonly unpackedLimit?: number;
  /** Most threads to use; as many as are worth it if absent. */
  readonly jobs?: number;
  /** This program's version, for formats that name it. */
  readonly version: string;
}

/** `decode FILE…`: prints each file's document in the order given, and gives the worst exit status of all. */
export async function decode(named: readonly string[], options: DecodeOptions): Promise<number> {
  const boundHeap = boundYoungHeap();
  let keyLog: KeyLog | undefined;
  try {
    if (options.keylog) keyLog = await readKeyLog(options.keylog);
  } catch (error) {
    if (!(error instanceof CaptureFileError)) throw error;
    complain(line(error.message));
    return EXIT.unusable;
  }
  const files = await capturePaths(named);
  if (options.save !== undefined && files.length !== 1) {
    complain(line`--save copies from one capture at a time.`);
    return EXIT.unusable;
  }
  if (options.redact && options.save === undefined) {
    complain(line`--redact goes with --save FILE: what is printed is masked anyway.`);
    return EXIT.unusable;
  }
  if (options.redactAddresses && !options.redact) {
    complain(line`--redact-addresses goes with --save FILE --redact.`);
    return EXIT.unusable;
  }
  const several = files.length > 1 || files[0]?.path !== named[0];
  const output = new Output(printBytes);
  const rules: Rules = new Map();
  let status: number = files.length === 0 ? EXIT.unusable : EXIT.ok;
  if (files.length === 0) complain(line`there is no .pcap, .pcapng or .cap file in what was named.`);
  let printed = -1;
  let last = -1;
  const text = (index: number, piece: Uint8Array) => {
    boundHeap();
    if (index !== last && printed >= 0) output.write(separator(options.format));
    last = index;
    printed = index;
    output.write(piece);
  };
  const end = (result: FileResult) => {
    status = Math.max(status, result.status);
    for (const [code, help] of result.rules) rules.set(code, help);
    if (result.complaint) complain(line(result.complaint));
  };

  if (options.format === 'sarif') output.write(SARIF_START);
  const workers = Math.min(options.jobs ?? Number.POSITIVE_INFINITY, workersFor(files));
  if (workers > 1) {
    const { format, jsonVersion, reveal, keylog, decodeAs, unpackedLimit } = options;
    const data = { format, jsonVersion, reveal, keylog, decodeAs, unpackedLimit };
    const { decodeInParallel } = await import('./decode-pool');
    await decodeInParallel(files, data, workers, process.argv[1], {
      text: (index, piece) => {
        text(index, piece);
        return output.drain();
      },
      end: (_, result) => end(result),
    });
  } else {
    const { decodeFile } = await import('./decode-file');
    for (const [index, { path }] of files.entries()) {
      const { format, jsonVersion, reveal, decodeAs, unpackedLimit } = options;
      const how = { format, jsonVersion, reveal, keyLog, decodeAs, unpackedLimit, several, blocking: true };
      const result = await decodeFile(path, how, (piece) => {
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
  const [{ saveTraces }, { whileWriting }] = await Promise.all([
    import('../files/save-traces'),
    import('./while-writing'),
  ]);
  const { trace: ids, keylog: keyLogFile, redact, redactAddresses, decodeAs } = options;
  const { unpackedLimit: unpackedMegabytes } = options;
  const how = { ids, keyLog, keyLogFile, redact, redactAddresses, decodeAs, unpackedMegabytes };
  const packets = await whileWriting(() => saveTraces(path, target, how));
  const without = redactAddresses ? ' without passwords, proofs, names and addresses' : '';
  const what = redact && !redactAddresses ? ' without passwords, proofs and names' : without;
  complain(line`${packets} packets saved to ${shownPath(target)}${what}.`);
}
