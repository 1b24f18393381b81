import { copyFile } from 'node:fs/promises';
import type { LanguageParams, LanguageResult } from '../contract/language';
import { parsePorts } from '../contract/ports';
import type { RecordProblem } from '../contract/values';
import { CaptureFileError, describeFileError } from '../files/errors';
import { readKeyLog } from '../files/read-key-log';
import { saveTraces } from '../files/save-traces';
import { RecordError } from '../recorder/problems';
import { listInterfaces, startRecording } from '../recorder/recorder';
import type { Sessions } from './sessions';

export async function listRecordable(): Promise<LanguageResult<'handshake/interfaces'>> {
  try {
    return { interfaces: [...(await listInterfaces()).interfaces], problem: null };
  } catch (error) {
    return { interfaces: [], problem: problemOf(error) };
  }
}

export async function record(
  sessions: Sessions,
  params: LanguageParams<'handshake/record'>,
): Promise<LanguageResult<'handshake/record'>> {
  const { uri, interface: name, maxBytes, maxMs, keyLogFile } = params;
  const { ranges, error } = parsePorts(params.ports);
  if (error !== null) {
    const next = 'Correct the ports, then record again.';
    return { problem: { code: 'RECORD_BAD_PORTS', message: error, next, command: null } };
  }
  try {
    await sessions.record(uri, keyLogFile, (file, listeners) =>
      startRecording({
        interface: name,
        ports: ranges,
        file,
        limits: { bytes: maxBytes, milliseconds: maxMs },
        keyLogFile,
        ...listeners,
      }),
    );
    return { problem: null };
  } catch (thrown) {
    return { problem: problemOf(thrown) };
  }
}

/** @throws {CaptureFileError} when there is nothing to save, or it cannot be written. */
export async function save(
  sessions: Sessions,
  { uri, target, form }: LanguageParams<'handshake/save'>,
): Promise<LanguageResult<'handshake/save'>> {
  const files = sessions.filesOf(uri);
  if (!files) throw new CaptureFileError('NOT_OPEN', 'This recording is not open any more.');
  if (form === 'everything') {
    await copyFile(files.path, target).catch((error) => {
      throw describeFileError(target, error);
    });
    return { packets: null };
  }
  const { path, keyLogFile } = files;
  const keyLog = keyLogFile ? await readKeyLog(keyLogFile).catch(() => undefined) : undefined;
  const packets = await saveTraces(path, target, {
    keyLog,
    keyLogFile: keyLog && keyLogFile ? keyLogFile : undefined,
    redact: form === 'redacted',
  });
  return { packets };
}

function problemOf(error: unknown): RecordProblem {
  if (error instanceof RecordError) return error.problem;
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'RECORD_FAILED',
    message: `The recording could not begin: ${message}`,
    next: 'Record again; if it happens again, report it.',
    command: null,
  };
}
