/** What a Connect Test adds to its verdict: what would trouble an application beside what became of this connection. */
import type { CauseParams } from '../../../trace/diagnosis';

export const REMARK_WORDS = {
  MEMBERS_NOT_REACHABLE: ({ names, used, lost, members }: CauseParams) =>
    lost === members
      ? `But the replica set names its members ${names}, none of them is ${used}, and none can be reached from here: a driver leaves ${used} for these names and then finds no server. Set directConnection=true, or reconfigure the set with names that clients can reach (rs.reconfig).`
      : `But of the ${members} members that the replica set names, ${lost} cannot be reached from here (${names}): a driver goes on with these names and not with those of the connection string. Make them reachable here, or connect to one member with directConnection=true.`,
  OLD_SERVER: ({ wire, server }: CauseParams) =>
    `But current drivers refuse this server: its highest wire version is ${wire} (server ${server}), and they need 7 or 8 (server 4.0 or 4.2). Use an older driver, or upgrade the server.`,
  CERTIFICATE_WITHOUT_SAN: ({ subject }: CauseParams) =>
    `But the server certificate (${subject}) has no subjectAltName: this test accepts its common name, and Go, Python, Java and other clients refuse it. Issue a certificate with the host name in subjectAltName.`,
  HIDDEN_MEMBER: ({ server }: CauseParams) =>
    `But ${server} is a hidden member: drivers do not use it unless directConnection=true is set.`,
  CONNECTION_STRING: ({ text }: CauseParams) => `About the connection string: ${text}.`,
  PASSWORD_FILE: ({ text }: CauseParams) => `${text}`,
} as const satisfies Record<string, (params: CauseParams) => string>;

export type RemarkCode = keyof typeof REMARK_WORDS;
