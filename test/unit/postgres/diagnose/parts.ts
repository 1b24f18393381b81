/** Parts of conversations, and what a story is. */
import { utf8Bytes } from '../../../../src/base/bytes';
import { type ErrorExtra, fatal } from '../../../../src/postgres/messages/error-fields';
import { type Happening, OPENED, type WatchOptions } from '../watch';

export interface Story {
  readonly happenings: readonly Happening[];
  readonly options?: WatchOptions;
}

/** A cause: a story that gives it, and one close to it that gives another. */
export interface CauseStory extends Story {
  readonly code: string;
  readonly near: Story & { readonly code: string };
}

export function startup(
  parameters: Readonly<Record<string, string>> = {},
  version: { readonly major: number; readonly minor: number } = { major: 3, minor: 0 },
): Happening {
  const all = { user: 'app_user', database: 'orders', ...parameters };
  return { client: { name: 'StartupMessage', version, parameters: Object.entries(all) } };
}

export const SSL: Happening = { client: { name: 'SSLRequest' } };
export const GSS: Happening = { client: { name: 'GSSENCRequest' } };
export const START = startup();
export const CLEAR: Happening = { server: { name: 'AuthenticationCleartextPassword' } };
export const MD5: Happening = {
  server: { name: 'AuthenticationMD5Password', salt: Uint8Array.of(1, 2, 3, 4) },
};
export const SASL: Happening = { server: { name: 'AuthenticationSASL', mechanisms: ['SCRAM-SHA-256'] } };
export const PLUS: Happening = {
  server: { name: 'AuthenticationSASL', mechanisms: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'] },
};
export const INITIAL: Happening = {
  client: { name: 'SASLInitialResponse', mechanism: 'SCRAM-SHA-256', response: utf8Bytes('n,,n=,r=abc') },
};
export const OK: Happening = { server: { name: 'AuthenticationOk' } };
export const READY: Happening = { server: { name: 'ReadyForQuery', status: 'I' } };
export const TERMINATE: Happening = { client: { name: 'Terminate' } };
export const QUERY: Happening = { client: { name: 'Query', sql: 'select 1' } };
export const STANDBY: Happening = {
  server: { name: 'ParameterStatus', parameter: 'in_hot_standby', value: 'on' },
};
export const TLS: readonly Happening[] = [
  { tls: 'ClientHello' },
  { tls: 'ServerHello', from: 'server' },
  { established: true },
];

export const password = (text: string): Happening => ({
  client: { name: 'PasswordMessage', password: text },
});
export const closes = (from: 'client' | 'server', how: 'fin' | 'rst' = 'fin'): Happening => ({
  close: from,
  how,
});
export const error = (code: string, message: string, extra: ErrorExtra = {}): Happening => ({
  server: fatal(code, message, extra),
});
export const local = (code: string, message: string): Happening => ({
  local: { kind: 'note', message: 'Give up', summary: message, error: { from: 'client', code, message } },
});

/** The server's words on a StartupMessage in the clear. */
export const told = (code: string, message: string, extra: ErrorExtra = {}): Story => ({
  happenings: [...OPENED, START, error(code, message, extra)],
});

export const story = (...happenings: readonly Happening[]): Story => ({
  happenings: [...OPENED, ...happenings],
});

/** TLS after SSLRequest, and what follows inside it. */
export const inside = (...happenings: readonly Happening[]): Story =>
  story(SSL, { server: 'S' }, ...TLS, ...happenings);

/** TLS from the first byte. */
export const direct = (...happenings: readonly Happening[]): Story => ({
  ...story(...happenings),
  options: { direct: true },
});

export function cause(code: string, given: Story, nearCode: string, near: Story): CauseStory {
  return { ...given, code, near: { ...near, code: nearCode } };
}
