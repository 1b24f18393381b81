import type { Environment } from '../postgres/options/environment';
import type { Protocol } from '../trace/model';
import { TargetError } from './target-error';
import { type MongoTarget, mongoTarget, mongoTargetFrom } from './target-mongo';
import { type PostgresTarget, postgresTarget, postgresTargetFrom } from './target-postgres';

export { operatingSystemUser } from './operating-system-user';
export type { MongoTarget, PostgresTarget };
export { mongoTargetFrom, postgresTargetFrom, TargetError };

/** What a Connect Test is run against. */
export type ConnectTarget = PostgresTarget | MongoTarget;

/** Options that win over those of the URI, by the names that libpq and MongoDB's connection string give them. */
export type TargetOverrides = Readonly<Record<string, string>>;

/**
 * Reads what a user typed: `postgresql://…`, libpq's keyword/value pairs, or `mongodb://…`.
 *
 * @param environment for PostgreSQL, where libpq's PG… variables and its files in the home folder count.
 * @throws TargetError in words for the user, when it is not a connection string or an option is wrong.
 */
export function targetFromUri(
  uri: string,
  overrides: TargetOverrides = {},
  environment: Environment | null = null,
): ConnectTarget {
  const text = uri.trim();
  if (text === '') throw new TargetError('Give a connection string: postgresql://… or mongodb://…');
  if (protocolOf(text) === 'mongodb') return mongoTarget(text, overrides);
  return postgresTarget(text, overrides, environment);
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
