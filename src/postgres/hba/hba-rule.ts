/** How a client is let in, as far as this backend performs it. */
export type HbaMethod = 'trust' | 'reject' | 'password' | 'md5' | 'scram-sha-256' | 'cert';

/** Which connections a line is about (`ConnType` of `hba.h`). */
export type HbaConnection = 'local' | 'host' | 'hostssl' | 'hostnossl' | 'hostgssenc' | 'hostnogssenc';

/** A name, or what stands in its place. A quoted word is always a name. */
export type HbaDatabase =
  | string
  | { readonly keyword: 'all' | 'sameuser' | 'samerole' | 'replication' }
  | { readonly pattern: string };

export type HbaUser =
  | string
  | { readonly keyword: 'all' }
  /** `+group`: the role itself and its members, direct or not. */
  | { readonly group: string }
  | { readonly pattern: string };

export type HbaAddress =
  | 'all'
  | 'samehost'
  | 'samenet'
  /** 4 or 16 bytes each. */
  | { readonly address: Uint8Array; readonly mask: Uint8Array }
  /** A host's name, or a domain that begins with a dot. */
  | { readonly name: string };

/** One line of pg_hba.conf. The first line that matches decides; none is a refusal. */
export interface HbaRule {
  readonly type: HbaConnection;
  readonly database: readonly HbaDatabase[] | 'all';
  readonly user: readonly HbaUser[] | 'all';
  /** `all` if not given; `local` lines have none. */
  readonly address?: HbaAddress;
  readonly method: HbaMethod;
  /** What a client certificate must be; `cert` always wants `verify-full`. */
  readonly clientCert?: 'verify-ca' | 'verify-full';
  /** Line of the file, from 1; without it the rule's place in the list. */
  readonly line?: number;
}
