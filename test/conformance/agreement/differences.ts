import type { Disagreement } from './compare';

/** Something on which Wireshark and this project differ, who is right, and why. */
export interface Difference {
  readonly id: string;
  readonly right: 'ours' | 'Wireshark' | 'both';
  readonly reason: string;
  /** `shared/FOLDER/NAME` or `fixtures/NAME`. */
  readonly files: RegExp;
  readonly subject: Disagreement['subject'];
  readonly place: RegExp;
  /** Null: sees nothing. Undefined: anything. */
  readonly theirs?: RegExp | null;
  readonly ours?: RegExp | null;
}

/** Every difference known. The test fails on one that is not here, and on one here that no longer occurs. */
export const DIFFERENCES: readonly Difference[] = [
  {
    id: 'answer to SSLRequest',
    right: 'ours',
    reason: 'Wireshark passes over the byte that answers an SSLRequest.',
    files: /./,
    subject: 'message',
    place: /^frame \d+ SSLResponse [SN]$/,
    theirs: null,
    ours: /^answer=[SN]$/,
  },
  {
    id: 'protocol 3.2: startup packet unknown',
    right: 'ours',
    reason: 'Wireshark 4.0 knows 3.0 only and shows a startup packet of another version as unknown.',
    files: /^fixtures\/pg1[58]-(negotiate|protocol)-3-2/,
    subject: 'message',
    place: /^frame 4 Unknown$/,
    theirs: /^length=60$/,
    ours: null,
  },
  {
    id: 'protocol 3.2: startup packet',
    right: 'ours',
    reason: 'The same packet as we read it: PostgreSQL 18, chapter "Message Formats", StartupMessage.',
    files: /^fixtures\/pg1[58]-(negotiate|protocol)-3-2/,
    subject: 'message',
    place: /^frame 4 StartupMessage$/,
    theirs: null,
    ours: /^length=60; version=3\.2; user=app_user; /,
  },
  {
    id: 'protocol 3.2: newest version',
    right: 'ours',
    reason: 'Wireshark shows NegotiateProtocolVersion without its two values.',
    files: /^fixtures\/pg15-negotiate-3-2/,
    subject: 'message',
    place: /^frame 5 NegotiateProtocolVersion$/,
    theirs: null,
    ours: /^(newest version=3\.0|unsupported options=0)$/,
  },
  {
    id: 'protocol 3.2: long cancel key',
    right: 'ours',
    reason:
      'A cancel key has 4 to 256 bytes since 3.2 (length 40 minus 8 here); Wireshark shows the first four.',
    files: /^fixtures\/pg18-protocol-3-2/,
    subject: 'message',
    place: /^frame 9 BackendKeyData$/,
    theirs: /^key=[0-9a-f]{8}$/,
    ours: /^key=[0-9a-f]{64}$/,
  },
  {
    id: 'direct TLS',
    right: 'ours',
    reason:
      'Wireshark has no PostgreSQL inside TLS that begins with the first byte. The decrypted bytes are compared, and equal.',
    files: /^fixtures\/pg18-direct-tls-keys/,
    subject: 'message',
    place: /^frame (7|8|9|10|11|12) /,
    theirs: null,
  },
  {
    id: 'startup packet of three bytes',
    right: 'ours',
    reason: 'A length word below eight is no startup packet; Wireshark waits for a rest that cannot come.',
    files: /^shared\/malformed\/bad-startup-message-1/,
    subject: 'message',
    place: /^frame 4 Malformed startup packet$/,
    theirs: null,
  },
  {
    id: 'MySQL on port 5432',
    right: 'ours',
    reason: 'The server speaks first and speaks MySQL; Wireshark goes by the port.',
    files: /^shared\/postgres\/mysql-on-port-5432/,
    subject: 'message',
    place: /^frame \d+ (Empty query|Unknown)$/,
    theirs: /^length=/,
    ours: null,
  },
  {
    id: 'out of order: the frame that filled the gap',
    right: 'both',
    reason:
      'The messages are whole in a frame that overtook the one before. Wireshark shows them where the gap was filled, we name the frame with their bytes.',
    files: /^shared\/postgres\/psql-aws-ssl-/,
    subject: 'message',
    place: /^frame 1[13] (ServerKeyExchange|CertificateRequest|ServerHelloDone)$/,
    theirs: /^length=/,
    ours: null,
  },
  {
    id: 'out of order: the frame with the bytes',
    right: 'both',
    reason: 'The same messages as we place them: in the frame that a reader looks for their bytes in.',
    files: /^shared\/postgres\/psql-aws-ssl-/,
    subject: 'message',
    place: /^frame (9|10) (ServerKeyExchange|CertificateRequest|ServerHelloDone)$/,
    theirs: null,
    ours: /^length=/,
  },
  {
    id: 'ATM pseudo-header',
    right: 'both',
    reason:
      'The four bytes before a packet of LINKTYPE_SUNATM are in the file: Wireshark counts them as data about the packet, we as part of it.',
    files: /^shared\/malformed\/atm-/,
    subject: 'frame',
    place: /^frame 1$/,
    theirs: / 0 of 262140 bytes$/,
    ours: / 4 of 262144 bytes$/,
  },
  {
    id: 'damaged record',
    right: 'ours',
    reason:
      'The record says before 1970 and more bytes than a packet has: we say at which offset the file is damaged, Wireshark shows a packet of one byte first.',
    files: /^shared\/malformed\/truncated-fuzz/,
    subject: 'frame',
    place: /^frame 2$/,
    theirs: / 1 of 1048576 bytes$/,
    ours: null,
  },
];

export function explains(difference: Difference, seen: Disagreement): boolean {
  const { files, subject, place } = difference;
  if (subject !== seen.subject || !files.test(seen.file) || !place.test(seen.place)) return false;
  return matches(difference.theirs, seen.theirs) && matches(difference.ours, seen.ours);
}

function matches(pattern: RegExp | null | undefined, text: string | null): boolean {
  if (pattern === undefined) return true;
  return pattern === null ? text === null : text !== null && pattern.test(text);
}
