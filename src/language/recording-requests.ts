import type { LanguageParams, LanguageResult } from '../contract/language';
import { parsePorts } from '../contract/ports';
import type { RecordProblem } from '../contract/values';
import { CaptureFileError } from '../files/errors';
import { readKeyLog } from '../files/read-key-log';
import { refuseSameFile } from '../files/same-file';
import { saveTraces } from '../files/save-traces';
import { copyWhole } from '../files/write-whole';
import { RecordError } from '../recorder/problems';
import { listInterfaces, startRecording } from '../recorder/recorder';
import { decodeAsOf } from './file-source';
import type { CaptureSession } from './session';
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
  const { uri, interface: name, maxBytes, maxMs, keyLogFile, decodeAs } = params;
  const { ranges, error } = parsePorts(params.ports);
  if (error !== null) {
    const next = 'Correct the ports, then record again.';
    return { problem: { code: 'RECORD_BAD_PORTS', message: error, next, command: null } };
  }
  if (decodeAs) sessions.decodeAs = decodeAs;
  try {
    await sessions.record(uri, keyLogFile, (file, how) =>
      startRecording({
        interface: name,
        ports: ranges,
        file,
        limits: { bytes: maxBytes, milliseconds: maxMs },
        keyLogFile,
        ...how,
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
  { uri, target, form, id }: LanguageParams<'handshake/save'>,
): Promise<LanguageResult<'handshake/save'>> {
  const files = sessions.filesOf(uri);
  const session = sessions.find(uri);
  if (!files || !session) {
    throw new CaptureFileError('NOT_OPEN', 'This capture is not open any more; open it again, then save.');
  }
  const { path, keyLogFile, settings } = files;
  await refuseSameFile(path, target);
  if (form === 'everything') {
    await copyWhole(path, target);
    return { packets: null };
  }
  if (id !== null) await refuseUnsettled(session, id);
  const keyLog = keyLogFile
    ? await readKeyLog(keyLogFile).catch((error) => {
        // While it was recorded nobody may have written one; a capture was read with it.
        if (files.recorded) return undefined;
        throw error;
      })
    : undefined;
  const packets = await saveTraces(path, target, {
    // It may have been chosen by the id that it was shown by while reading.
    ids: id === null ? undefined : [session.trace(id, true)?.id ?? id],
    keyLog,
    keyLogFile: keyLog && keyLogFile ? keyLogFile : undefined,
    redact: form === 'redacted',
    decodeAs: decodeAsOf(settings.decodeAs),
    unpackedMegabytes: settings.unpackedMegabytes,
  });
  return { packets };
}

/** The file is read again to save from it: an id means the same connection only if it was read to its end, and is as it was then. */
async function refuseUnsettled(session: CaptureSession, id: string): Promise<void> {
  if (session.state === 'reading') {
    throw new CaptureFileError('STILL_READING', `Save ${id} when the capture has been read to its end.`);
  }
  if (session.state !== 'finished') {
    throw new CaptureFileError(
      'NOT_READ',
      'The capture was not read to its end; choose "Read again", then save.',
    );
  }
  if (await session.changed()) {
    throw new CaptureFileError(
      'CHANGED',
      'The file has changed since it was read; choose "Read again", then save.',
    );
  }
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
