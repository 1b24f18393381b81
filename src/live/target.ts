import { userInfo } from 'node:os';
import type { Protocol } from '../trace/model';
import { TargetError } from './target-error';
import { type MongoTarget, mongoTarget, mongoTargetFrom } from './target-mongo';
import { type PostgresTarget, postgresTarget, postgresTargetFrom } from './target-postgres';

export type { MongoTarget, PostgresTarget };
export { mongoTargetFrom, postgresTargetFrom, TargetError };

/** What a Connect Test is run against. */
export type ConnectTarget = PostgresTarget | MongoTarget;

/** Options that win over those of the URI, by the names that libpq and MongoDB's connection string give them. */
export type TargetOverrides = Readonly<Record<string, string>>;

/**
 * Reads what a user typed: `postgresql://…`, libpq's keyword/value pairs, or `mongodb://…`.
 *
 * @throws TargetError in words for the user, when it is not a connection string or an option is wrong.
 */
export function targetFromUri(uri: string, overrides: TargetOverrides = {}): ConnectTarget {
  const text = uri.trim();
  if (text === '') throw new TargetError('Give a connection string: postgresql://… or mongodb://…');
  return protocolOf(text) === 'mongodb' ? mongoTarget(text, overrides) : postgresTarget(text, overrides);
}

function protocolOf(text: string): Protocol {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1].toLowerCase();
  switch (scheme) {
    case 'mongodb':
    case 'mongodb+srv':
      return 'mongodb';
    case 'postgres':
    case 'postgresql':
      return 'postgres';
    case undefined:
      if (text.includes('=')) return 'postgres';
      throw new TargetError(
        'This is no connection string: it begins with postgresql:// or mongodb://, or is a list of keyword=value pairs.',
      );
    default:
      throw new TargetError(
        `Connection strings begin with postgresql:// or mongodb://, not with ${scheme}://.`,
      );
  }
}

/** The name that libpq and psql take for a user who gave none. */
export function operatingSystemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // No entry in the user database, as in some containers.
    return '';
  }
}
