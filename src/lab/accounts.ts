import type { Protocol } from '../trace/model';

/** A user of a lab server. Its password is printed and documented: it protects nothing. */
export interface LabAccount {
  readonly user: string;
  /** Empty when none is asked. */
  readonly password: string;
  /** What the account shows, one line. */
  readonly note: string;
  /** How the server lets it in, by the name that traces use. */
  readonly mechanism: string;
}

/** The database of the PostgreSQL lab, and the authentication source of the MongoDB lab. */
export const LAB_DATABASE: Readonly<Record<Protocol, string>> = { postgres: 'appdb', mongodb: 'admin' };

/** The account that a Connect Test of the lab uses. */
export const LAB_PASSWORD = 'lab-password';

export const POSTGRES_ACCOUNTS: readonly LabAccount[] = [
  {
    user: 'app_user',
    password: LAB_PASSWORD,
    mechanism: 'scram-sha-256',
    note: 'SCRAM-SHA-256, as servers do by default',
  },
  { user: 'md5_user', password: LAB_PASSWORD, mechanism: 'md5', note: 'the older md5 method' },
  { user: 'clear_user', password: LAB_PASSWORD, mechanism: 'password', note: 'sends the password as it is' },
  { user: 'trusted_user', password: '', mechanism: 'trust', note: 'is let in without a password' },
];

export const MONGO_ACCOUNTS: readonly LabAccount[] = [
  {
    user: 'app_user',
    password: LAB_PASSWORD,
    mechanism: 'SCRAM-SHA-256',
    note: 'SCRAM-SHA-256 or SCRAM-SHA-1, as the client asks',
  },
  { user: 'sha1_user', password: LAB_PASSWORD, mechanism: 'SCRAM-SHA-1', note: 'SCRAM-SHA-1 only' },
  {
    user: 'cr_user',
    password: LAB_PASSWORD,
    mechanism: 'MONGODB-CR',
    note: 'MONGODB-CR only, as servers before 3.0',
  },
];
