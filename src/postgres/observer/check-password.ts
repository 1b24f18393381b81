import { postgresMd5Response } from '../../auth/md5';
import { matchingVariant } from '../../auth/password-variants';
import { postgresPassword } from '../../auth/saslprep';
import { parseServerFirst } from '../../auth/scram';
import { checkRecorded, type RecordedScram, SCRAM_KEY_LENGTH } from '../../auth/scram-keys';
import { utf8Bytes } from '../../base/bytes';
import type { DeriveEffect } from '../../base/machine';
import type { Field, Trace } from '../../trace/model';

/** A login as it crossed the wire, with all that is needed to tell whether a password was used for it. */
export type RecordedLogin =
  | {
      readonly method: 'scram';
      readonly user: string;
      readonly exchange: RecordedScram;
      readonly salt: Uint8Array;
      readonly iterations: number;
    }
  | { readonly method: 'md5'; readonly user: string; readonly salt: Uint8Array; readonly response: string }
  | { readonly method: 'password'; readonly user: string; readonly sent: string };

export interface PasswordCheck {
  /** This password was used by the client. */
  readonly right: boolean;
  /** One sentence for a person; it does not hold the password. */
  readonly sentence: string;
}

/** PBKDF2 of RFC 8018; the caller may do it off the thread. */
export type DerivePassword = (request: Omit<DeriveEffect, 'type' | 'id'>) => Promise<Uint8Array>;

/** More rounds than this are refused: a capture is input like any other. */
const MAX_ITERATIONS = 10_000_000;

/**
 * The login of a trace, read from its steps; null when there is none, when it is encrypted, or when parts of it are missing. The trace
 * must have its secrets: a masked one gives null.
 */
export function recordedLogin(trace: Trace): RecordedLogin | null {
  if (trace.protocol !== 'postgres') return null;
  const user = trace.auth.user ?? '';
  const clientFirst = sentBy(trace, 'SASLInitialResponse', 'initial response');
  const serverFirst = sentBy(trace, 'AuthenticationSASLContinue', 'challenge');
  const clientFinal = sentBy(trace, 'SASLResponse', 'response');
  if (clientFirst !== null && serverFirst !== null && clientFinal !== null) {
    const { value, issues } = parseServerFirst(utf8Bytes(serverFirst));
    if (issues.length > 0 || value.iterations < 1 || value.iterations > MAX_ITERATIONS) return null;
    const serverFinal = sentBy(trace, 'AuthenticationSASLFinal', 'outcome');
    const exchange: RecordedScram = {
      hash: 'sha256',
      clientFirst: utf8Bytes(clientFirst),
      serverFirst: utf8Bytes(serverFirst),
      clientFinal: utf8Bytes(clientFinal),
      ...(serverFinal === null ? {} : { serverFinal: utf8Bytes(serverFinal) }),
    };
    return { method: 'scram', user, exchange, salt: value.salt, iterations: value.iterations };
  }
  const sent = sentBy(trace, 'PasswordMessage', 'password');
  if (sent === null) return null;
  const salt = bytesOf(sentBy(trace, 'AuthenticationMD5Password', 'salt'));
  if (salt) return { method: 'md5', user, salt, response: sent };
  return trace.steps.some((step) => step.message === 'AuthenticationCleartextPassword')
    ? { method: 'password', user, sent }
    : null;
}

/**
 * Tells whether the client used this password, and where the server showed what it knows, whether that agrees. A wrong one is compared
 * once more without and with what nobody sees at its ends.
 */
export async function checkPassword(
  login: RecordedLogin,
  password: string,
  derive: DerivePassword,
): Promise<PasswordCheck> {
  const who = `user "${login.user}"`;
  const { used, refutedByServer } = await compare(login, password, derive);
  if (used) {
    const right = password === '' ? 'The empty password is right' : 'This password is right';
    const server = refutedByServer
      ? 'The server signed with another one, so it does not know the password.'
      : 'If the server refused it, the server has another one.';
    return { right: true, sentence: `${right}: the client used it for ${who}. ${server}` };
  }
  if (password === '')
    return {
      right: false,
      sentence: `The password that was given is empty, and the client used another one for ${who}.`,
    };
  const variant = await matchingVariant(
    password,
    login.method === 'scram' ? login.iterations : 1,
    async (candidate) => (await compare(login, candidate, derive)).used,
  );
  if (variant)
    return { right: false, sentence: `This password is right but for ${variant.difference} (${who}).` };
  return { right: false, sentence: `This password is wrong: the client used another one for ${who}.` };
}

interface Comparison {
  /** The client used this password. */
  readonly used: boolean;
  /** The server showed that it knows another one. */
  readonly refutedByServer: boolean;
}

async function compare(login: RecordedLogin, password: string, derive: DerivePassword): Promise<Comparison> {
  if (login.method === 'password') return { used: password === login.sent, refutedByServer: false };
  if (login.method === 'md5') {
    const response = postgresMd5Response(login.user, password, login.salt);
    return { used: response === login.response, refutedByServer: false };
  }
  const { exchange, salt, iterations } = login;
  const salted = await derive({
    hash: exchange.hash,
    password: postgresPassword(password),
    salt,
    iterations,
    length: SCRAM_KEY_LENGTH[exchange.hash],
  });
  const { proof, signature } = checkRecorded(exchange, salted);
  return { used: proof, refutedByServer: proof && signature === false };
}

/** The value of the last such message's field; null when there is none or it is masked. */
function sentBy(trace: Trace, message: string, name: string): string | null {
  const step = trace.steps.findLast((known) => known.message === message);
  const field: Field | undefined = step?.fields.find((known) => known.name === name);
  return field === undefined || field.value.includes('•') || field.value.endsWith('…') ? null : field.value;
}

/** Four bytes in hexadecimal. */
function bytesOf(text: string | null): Uint8Array | null {
  const digits = text?.replace(/[^0-9a-f]/gi, '') ?? '';
  if (digits.length !== 8) return null;
  return Uint8Array.from({ length: 4 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}
