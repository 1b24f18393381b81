import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { fromHex } from '../base/bytes';
import type { StepBytes } from '../contract/values';
import {
  checkMongoPassword,
  hasPasswordProof,
  mongoCheckSentence,
  type RecordedMessage,
} from '../mongodb/observer/password-check';
import { checkPassword, type DerivePassword, recordedLogin } from '../postgres/observer/check-password';
import type { Trace } from '../trace/model';

/** A login of a capture that a password can be compared with. */
export interface CheckableLogin {
  readonly id: string;
  readonly user: string;
  readonly method: string;
  check(password: string): Promise<CheckedLogin>;
}

export interface CheckedLogin {
  /** The client used this password. */
  readonly right: boolean;
  /** One sentence for a person; it does not hold the password. */
  readonly sentence: string;
}

/** The bytes of one step of the trace, secrets included. */
export type ReadStep = (step: number) => Promise<StepBytes>;

const derive: DerivePassword = async ({ password, salt, iterations, length, hash }) =>
  new Uint8Array(await promisify(pbkdf2)(password, salt, iterations, length, hash));

/**
 * The login of a trace with its secrets; null when there is none that a password can be compared with.
 *
 * PostgreSQL's messages are whole in the trace's fields. MongoDB's are not, so their bytes are read, and only once a password is there.
 */
export function checkableLogin(trace: Trace, readStep: ReadStep): CheckableLogin | null {
  const { id, auth } = trace;
  if (hasPasswordProof(trace)) {
    const { user, mechanism } = auth;
    const check = (password: string) => checkMongo(trace, readStep, password);
    return { id, user: user ?? '', method: mechanism ?? '', check };
  }
  const login = recordedLogin(trace);
  if (!login) return null;
  const { user, method } = login;
  return { id, user, method, check: (password) => checkPassword(login, password, derive) };
}

async function checkMongo(trace: Trace, readStep: ReadStep, password: string): Promise<CheckedLogin> {
  const messages: RecordedMessage[] = [];
  let note: string | null = null;
  for (const { layer, from, index } of trace.steps) {
    if (layer !== 'mongodb' || from === 'local') continue;
    const read = await readStep(index);
    const bytes = fromHex(read.hex);
    if (bytes && bytes.length > 0) messages.push({ from, bytes });
    else note ??= read.note;
  }
  const check = await checkMongoPassword(messages, password, derive);
  if (check) return { right: check.client, sentence: mongoCheckSentence(check) };
  const why = note ?? 'Parts of this login are missing from the capture.';
  return { right: false, sentence: `This login could not be compared with a password. ${why}` };
}
