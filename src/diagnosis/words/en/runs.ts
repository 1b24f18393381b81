/** What a Connect Test, a comparison of modes and a summary say over several connections. */
import type { CauseParams } from '../../../trace/diagnosis';
import { tlsName } from './phrases';

export const RUN_WORDS = {
  /** A cause in its own words where they do not name the host. */
  AT_HOST: ({ target, what }: CauseParams) => `${target}: ${what}`,
  MORE_HOSTS: ({ more }: CauseParams) => `(${more} more.)`,
  HOSTS_BEFORE: ({ failed, hosts }: CauseParams) =>
    `Before it, ${failed} of the ${hosts} hosts could not be used.`,
  NO_HOST: ({ hosts }: CauseParams) => `None of the ${hosts} hosts can be used.`,
  /** No application can work with what was opened. */
  UNFIT: ({ why, verdict }: CauseParams) => `${why} What this connection showed: ${verdict}`,
  /** A mode that went as far as authentication, and did not send the password again. */
  MODE_STOPPED: ({ encryption, mechanism, before }: CauseParams) =>
    `Gets as far as authentication ${encryption === undefined ? 'in the clear' : `over ${tlsName(encryption)}`}; the server asks for ${mechanism ?? 'a password'}. The password was not sent again: the server had already rejected it with ${before}.`,
} as const satisfies Record<string, (params: CauseParams) => string>;

/** `37 connections from 3 clients: …`; a single one in its own words. */
export function groupText(count: number, clients: number, what: string, alike: boolean): string {
  if (count === 1) return what;
  const from = clients === 1 ? '1 client' : `${clients} clients`;
  return `${count} connections from ${from}${alike ? '' : ', the first of them'}: ${what}`;
}
