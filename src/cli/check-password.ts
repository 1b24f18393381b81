import { line } from '../base/shown/outlets';
import { CaptureFileError } from '../files/errors';
import { shownPath } from '../files/path-bytes';
import { readCapture } from '../files/read-capture';
import { readKeyLog } from '../files/read-key-log';
import { derive } from '../lab/derive';
import { mongoCheckSentence } from '../mongodb/observer/password-check';
import { checkPassword, recordedLogin } from '../postgres/observer/check-password';
import { askOnTerminal } from './ask';
import { capturePaths } from './capture-paths';
import { checkMongoCapture } from './check-mongo-password';
import type { DecodeOptions } from './decode';
import { EXIT } from './exit';
import { complain, print } from './terminal';

/**
 * `decode --check-password FILE…`: tells of every login in the captures whether it used the password that is asked for (or
 * that PGPASSWORD holds). Nothing goes over the network and nothing is kept.
 *
 * @returns 0 when every login used it, 1 when one did not, 2 when there is none to check
 */
export async function checkPasswords(
  files: readonly string[],
  options: Pick<DecodeOptions, 'keylog' | 'decodeAs' | 'unpackedLimit'>,
): Promise<number> {
  const password = process.env.PGPASSWORD ?? (await askOnTerminal('Password to check'));
  if (password === undefined) {
    complain(line`give the password on the terminal, or in PGPASSWORD.`);
    return EXIT.unusable;
  }
  let checked = 0;
  let wrong = 0;
  try {
    const keyLog = options.keylog ? await readKeyLog(options.keylog) : undefined;
    const { decodeAs, unpackedLimit: unpackedMegabytes } = options;
    const how = { keyLog, decodeAs, unpackedMegabytes };
    const captures = await capturePaths(files);
    for (const { path: file } of captures) {
      const capture = await readCapture(file, how);
      for (const trace of capture.document.traces) {
        const login = recordedLogin(trace);
        if (!login) continue;
        const { right, sentence } = await checkPassword(login, password, derive);
        checked++;
        if (!right) wrong++;
        await print(line`${captures.length > 1 ? `${shownPath(file)} ` : ''}${trace.id}  ${sentence}\n`);
      }
      for (const { id, check } of await checkMongoCapture(file, capture, how, password)) {
        checked++;
        if (!check.client) wrong++;
        const named = captures.length > 1 ? `${shownPath(file)} ` : '';
        await print(line`${named}${id}  ${mongoCheckSentence(check)}\n`);
      }
    }
  } catch (error) {
    if (!(error instanceof CaptureFileError)) throw error;
    complain(line(error.message));
    return EXIT.unusable;
  }
  if (checked === 0) {
    complain(line`no login can be checked here: there is none, or it is inside TLS without keys (--keylog).`);
    return EXIT.unusable;
  }
  return wrong > 0 ? EXIT.partial : EXIT.ok;
}
