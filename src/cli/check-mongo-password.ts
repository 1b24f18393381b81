import { type CaptureResult, type ReadCaptureOptions, readCapture } from '../files/read-capture';
import { derive } from '../lab/derive';
import {
  checkMongoPassword,
  type PasswordCheck,
  type RecordedMessage,
} from '../mongodb/observer/password-check';

/**
 * Checks every MongoDB login of a capture, which is read again for the bytes of its messages. Rejects with a CaptureFileError.
 * @param how it was read before
 */
export async function checkMongoCapture(
  file: string,
  { document, keys }: CaptureResult,
  how: Pick<ReadCaptureOptions, 'keyLog' | 'decodeAs' | 'unpackedMegabytes'>,
  password: string,
): Promise<{ readonly id: string; readonly check: PasswordCheck }[]> {
  const logins = document.traces.filter(
    ({ protocol, auth }) => protocol === 'mongodb' && auth.mechanism !== null,
  );
  if (logins.length === 0) return [];
  const wanted = new Set(logins.flatMap(({ id }) => keys.get(id) ?? []));
  const { data } = await readCapture(file, { ...how, keepDataOf: wanted });
  const checks: { readonly id: string; readonly check: PasswordCheck }[] = [];
  for (const { id, steps } of logins) {
    const bytes = data.get(keys.get(id) ?? -1) ?? [];
    const messages = steps.flatMap(({ layer, from, index }): RecordedMessage[] => {
      const message = bytes[index];
      return layer === 'mongodb' && message && from !== 'local' ? [{ from, bytes: message }] : [];
    });
    const check = await checkMongoPassword(messages, password, derive);
    if (check) checks.push({ id, check });
  }
  return checks;
}
