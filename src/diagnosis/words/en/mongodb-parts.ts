/** Parts of sentences about MongoDB. */
import type { CauseParams, NextKind, NextStep } from '../../../trace/diagnosis';
import { capital } from './phrases';

/** `app_user@admin`; `a user of $external` where the name is not known. */
export function who({ user, database }: CauseParams): string {
  if (user === undefined) return database === undefined ? 'the user' : `a user of ${database}`;
  return database === undefined ? String(user) : `${user}@${database}`;
}

/** ` with SCRAM-SHA-256`; nothing where no mechanism is known. */
export function withMechanism({ mechanism }: CauseParams): string {
  return mechanism === undefined ? '' : ` with ${mechanism}`;
}

/** `"Authentication failed." (18 AuthenticationFailed)`: the server's own words. */
export function quoted({ text, code, codeName }: CauseParams): string {
  const said = String(text).replace(/\s+/g, ' ').slice(0, LONGEST);
  return code === undefined ? `"${said}"` : `"${said}" (${code} ${codeName})`;
}

/** Characters of a server's text in a sentence; the whole is in the parameters. */
const LONGEST = 400;

const ROLES: Readonly<Record<string, string>> = { uninitialised: 'uninitialised replica set member' };
/** Roles that are said with the name of the set. */
const IN_SET = new Set(['primary', 'secondary', 'member']);

/** What a server says it is: `mongos`, `primary of rs0`. */
export function roleText(role: string, setName: string | number | undefined): string {
  const text = ROLES[role] ?? role;
  return setName !== undefined && IN_SET.has(role) ? `${text} of ${setName}` : text;
}

interface ServerParams {
  readonly role?: string | number | undefined;
  readonly setName?: string | number | undefined;
}

/** `a mongod`, `an arbiter`, `the server` where it did not say what it is. */
export function serverText({ role, setName }: ServerParams): string {
  if (role === undefined || role === '') return 'the server';
  const text = roleText(String(role), setName);
  return /^[aeiou]/.test(text) ? `an ${text}` : `a ${text}`;
}

export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? capital(text) : `${capital(text)}.`;
}

export function step(kind: NextKind, text: string, more: Omit<NextStep, 'kind' | 'text'> = {}): NextStep {
  return { kind, text, ...more };
}

/** One option of the connection string. */
export function option(name: string, value: string, text: string): NextStep {
  return step('client-option', text, { option: { name, value } });
}

export const SERVER_LOG = step('ask', "Read the server's log for this moment: it names the reason.");

/** ` of mongo-go-driver 2.2.2`; nothing where the driver did not name itself. */
export function driverText({ driver }: CauseParams): string {
  return driver === undefined || driver === '' ? 'the driver' : `the driver ${driver}`;
}

/** A string of mongosh; a name may hold quotes. */
export function js(value: string | number | undefined): string {
  return JSON.stringify(String(value ?? ''));
}
