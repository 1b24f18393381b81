/** What a Connect Test adds to its verdict: what would trouble an application beside what became of this connection. */
import type { CauseParams } from '../../../trace/diagnosis';

export const REMARK_WORDS = {
  MEMBERS_NOT_REACHABLE: ({ names, lost, members }: CauseParams) =>
    lost === members
      ? `None of the members that the replica set names can be reached from here (${names}), so a driver, which goes on with these names, finds no server. Make them reachable here, or connect to one member with directConnection=true.`
      : `Of the ${members} members that the replica set names, ${lost} cannot be reached from here (${names}): a driver goes on with these names. Make them reachable here, or connect to one member with directConnection=true.`,
  NO_PRIMARY: () =>
    'The login worked, but readPreference is primary (the default), so a driver waits for a primary and then reports that it found no server.',
  CERTIFICATE_WITHOUT_SAN: ({ subject }: CauseParams) =>
    `The server certificate (${subject}) has no subjectAltName: this test accepts its common name, and Go, Python, Java and other clients refuse it. Issue a certificate with the host name in subjectAltName.`,
  HIDDEN_MEMBER: ({ server }: CauseParams) =>
    `${server} is a hidden member: drivers do not use it unless directConnection=true is set.`,
  CONNECTION_STRING: ({ text }: CauseParams) => `About the connection string: ${text}.`,
  PASSWORD_FILE: ({ text }: CauseParams) => `${text}`,
} as const satisfies Record<string, (params: CauseParams) => string>;

export type RemarkCode = keyof typeof REMARK_WORDS;
