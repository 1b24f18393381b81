import { type CaptureResult, readCapture } from '../files/read-capture';
import { derive } from '../lab/derive';
import {
  checkMongoPassword,
  type PasswordCheck,
  type RecordedMessage,
} from '../mongodb/observer/password-check';
import type { KeyLog } from '../tls/keylog';

/** Checks every MongoDB login of a capture, which is read again for the bytes of its messages. Rejects with a CaptureFileError. */
export async function checkMongoCapture(
  file: string,
  { document, keys }: CaptureResult,
  keyLog: KeyLog | undefined,
  password: string,
): Promise<{ readonly id: string; readonly check: PasswordCheck }[]> {
  const logins = document.traces.filter(
    ({ protocol, auth }) => protocol === 'mongodb' && auth.mechanism !== null,
  );
  if (logins.length === 0) return [];
  const wanted = new Set(logins.flatMap(({ id }) => keys.get(id) ?? []));
  const { data } = await readCapture(file, { keyLog, keepDataOf: wanted });
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
