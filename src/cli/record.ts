import { rm } from 'node:fs/promises';
import path from 'node:path';
import { together } from '../base/shown/gate';
import { json, jsonPiece } from '../base/shown/json';
import { line } from '../base/shown/outlets';
import { namedPorts, parsePorts, portsText } from '../contract/ports';
import { shownPath } from '../files/path-bytes';
import { readKeyLog } from '../files/read-key-log';
import { saveTraces } from '../files/save-traces';
import { keepFolder, makeTemporaryFolder } from '../files/temporary-folder';
import { copyWhole } from '../files/write-whole';
import type { DecodeAs } from '../inspect/known-servers';
import type { ActiveRecording } from '../recorder/active-recording';
import { RecordError } from '../recorder/problems';
import { listInterfaces, startRecording } from '../recorder/recorder';
import type { Trace } from '../trace/model';
import { redactTrace } from '../trace/redact';
import { renderTrace } from '../trace/text';
import { traceV1 } from '../trace/version-1';
import { EXIT } from './exit';
import type { JsonVersion } from './formats';
import { whenToldToEnd } from './signals';
import { complain, type Printable, print, tell } from './terminal';
import { whileWriting } from './while-writing';
import { checkWritable, isWorded } from './writable';

export interface RecordCommandOptions {
  readonly interface?: string;
  readonly ports: string;
  /** Milliseconds. */
  readonly for?: number;
  readonly save?: string;
  /** Megabytes. */
  readonly limit: number;
  readonly keylog?: string;
  /** What is spoken on ports of servers, on the user's word. */
  readonly decodeAs?: DecodeAs;
  readonly format: 'text' | 'ndjson';
  readonly jsonVersion?: JsonVersion;
  readonly reveal: boolean;
}

const MAX_DURATION_MS = 24 * 3_600_000;

/** `record --list`: one line each. */
export async function listRecordable(): Promise<number> {
  try {
    const { interfaces } = await listInterfaces();
    const width = Math.max(...interfaces.map(({ name }) => name.length));
    for (const { name, title, addresses, all } of interfaces) {
      const what = [title ?? (all ? 'all interfaces' : ''), addresses.join(', ')].filter(
        (part) => part !== '',
      );
      await print(line`${`${name.padEnd(width)}  ${what.join('  ')}`.trimEnd()}\n`);
    }
    return EXIT.ok;
  } catch (error) {
    return refused(error);
  }
}

/** `record`: runs until it is interrupted or a limit is reached, and prints every handshake as it ends. */
export async function record(options: RecordCommandOptions): Promise<number> {
  const { ranges, error } = parsePorts(options.ports);
  if (error !== null) {
    complain(line`--ports: ${error}`);
    return EXIT.unusable;
  }
  let folder: string | null = null;
  let recording: ActiveRecording | undefined;
  let told = false;
  // From the beginning: the capture program must not outlive us.
  const stopListening = whenToldToEnd(() => {
    told = true;
    recording?.stop();
  });
  try {
    if (options.save !== undefined) {
      await checkWritable(options.save);
      folder = await makeTemporaryFolder('recording');
    }
    const name = options.interface ?? (await listInterfaces()).interfaces[0].name;
    const file = folder === null ? null : path.join(folder, 'recording.pcap');
    recording = await startRecording({
      interface: name,
      ports: ranges,
      file,
      limits: { bytes: options.limit * 1_000_000, milliseconds: options.for ?? MAX_DURATION_MS },
      keyLogFile: options.keylog,
      decodeAs: options.decodeAs,
      onTrace: (trace) => void print(shown(trace, options)),
    });
    complain(
      line`recording ${name}, ${namedPorts(portsText(ranges))}, with ${recording.state.program}; Ctrl-C ends it.`,
    );
    if (told) recording.stop();
    const status = await untilDone(recording);
    stopListening();
    if (file === null || options.save === undefined) return status;
    if (recording.state.traces === 0 && !isWhole(options.save)) complain(line`no handshake to save.`);
    else if (!(await saved(file, options.save, options))) {
      folder = null;
      return EXIT.unusable;
    }
    return status;
  } catch (thrown) {
    return refused(thrown);
  } finally {
    stopListening();
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}

/** @returns the exit status. */
async function untilDone(recording: ActiveRecording): Promise<number> {
  const { reason, message, dropped, keyLogProblem } = await recording.done;
  const { packets, traces } = recording.state;
  const seconds = ((Date.now() - recording.startedAt) / 1000).toFixed(1);
  complain(line`${counted(packets, 'packet')} and ${counted(traces, 'handshake')} in ${seconds} s.`);
  if (dropped > 0)
    complain(line`${counted(dropped, 'packet')} dropped: the machine was too busy to record them.`);
  if (keyLogProblem !== null) complain(line(keyLogProblem));
  if (message !== null && reason !== 'time') complain(line(message));
  return reason === 'died' || reason === 'disk' ? EXIT.partial : EXIT.ok;
}

/** What was recorded exists once: where it cannot be saved it stays where it is. */
async function saved(file: string, target: string, how: HowToRead): Promise<boolean> {
  const keep = (why: string) => {
    const kept = path.join(keepFolder(path.dirname(file)), path.basename(file));
    complain(line`${why} What was recorded is in ${shownPath(kept)}.`);
  };
  try {
    await whileWriting(
      () => save(file, target, how),
      () => keep('It was not saved.'),
    );
    return true;
  } catch (error) {
    if (!isWorded(error)) throw error;
    keep(error.message);
    return false;
  }
}

/** A classic capture takes all that was recorded. */
function isWhole(target: string): boolean {
  return /\.(pcap|cap)$/i.test(target);
}

type HowToRead = Pick<RecordCommandOptions, 'keylog' | 'decodeAs'>;

async function save(
  file: string,
  target: string,
  { keylog: keyLogFile, decodeAs }: HowToRead,
): Promise<void> {
  if (isWhole(target)) {
    await copyWhole(file, target);
    complain(line`all that was recorded is saved to ${shownPath(target)}.`);
    return;
  }
  const keyLog = keyLogFile === undefined ? undefined : await readKeyLog(keyLogFile).catch(() => undefined);
  const packets = await saveTraces(file, target, { keyLog, keyLogFile: keyLog && keyLogFile, decodeAs });
  complain(line`${packets} packets saved to ${shownPath(target)}.`);
}

function shown(trace: Trace, { format, reveal, jsonVersion }: RecordCommandOptions): Printable {
  const safe = reveal ? trace : redactTrace(trace);
  const form = jsonVersion === '1' ? traceV1(safe) : safe;
  return format === 'ndjson' ? jsonPiece`${json(form)}\n` : together([renderTrace(safe).text, line`\n`], '');
}

function refused(error: unknown): number {
  if (isWorded(error)) {
    complain(line(error.message));
    return EXIT.unusable;
  }
  if (!(error instanceof RecordError)) throw error;
  const { message, next, command } = error.problem;
  complain(line`${message} ${next}`);
  if (command !== null) tell(line`  ${command}`);
  return EXIT.unusable;
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
