import { type ConnectionOptions, keywordAdvice, storeOption } from '../postgres/options/connection-options';
import { type Environment, environmentParameters } from '../postgres/options/environment';
import { type ConnectionSettings, connectionSettings } from '../postgres/options/settings';
import { parseConnectionString } from '../postgres/options/uri';
import { withDefaults, withPasswordFile } from './libpq-files';
import { localeEncoding } from './locale-encoding';
import { operatingSystemUser } from './operating-system-user';
import { refusePlaceholders } from './placeholders';
import { TargetError } from './target-error';

/** A PostgreSQL server (or several, tried in order), with everything libpq would know of it. */
export interface PostgresTarget {
  readonly protocol: 'postgres';
  readonly settings: ConnectionSettings;
  /** Client certificate, key and the key's passphrase; paths or PEM text. */
  readonly sslcert?: string;
  readonly sslkey?: string;
  readonly sslpassword?: string;
  /** What was ignored as libpq ignores it, a sentence each: a password file that others may read. */
  readonly warnings: readonly string[];
}

/** @throws TargetError with libpq's words */
export function postgresTarget(
  text: string,
  overrides: Readonly<Record<string, string>>,
  environment: Environment | null = null,
): PostgresTarget {
  const parsed = parseConnectionString(text);
  if (!parsed.ok) throw new TargetError(parsed.message);
  const options: ConnectionOptions = { ...parsed.options };
  for (const [keyword, value] of Object.entries(overrides)) {
    if (!storeOption(options, keyword, value)) {
      throw new TargetError(
        `"${keyword}" is not an option of PostgreSQL connections${keywordAdvice(keyword)}.`,
      );
    }
  }
  return postgresTargetFrom(options, environment);
}

/**
 * From libpq's options by keyword. A service or a password file that they name is read.
 *
 * @param environment libpq's PG… variables; null where the user's environment and home folder do not count.
 * @throws TargetError
 */
export function postgresTargetFrom(
  given: ConnectionOptions,
  environment: Environment | null = null,
): PostgresTarget {
  const options = withDefaults(given, environment);
  const checked = connectionSettings(options);
  if (!checked.ok) throw new TargetError(checked.message);
  refusePlaceholders([
    ['user', options.user],
    ['password', options.password],
    ['database', options.dbname],
    ...checked.settings.hosts.map(({ host }) => ['host', host] as const),
  ]);
  const { sslcert, sslkey, sslpassword, passfile } = options;
  const user = checked.settings.user ?? operatingSystemUser();
  const { settings, warning } = withPasswordFile(checked.settings, passfile, user, environment !== null);
  return {
    protocol: 'postgres',
    warnings: warning === null ? [] : [warning],
    settings: {
      ...settings,
      clientEncoding:
        settings.clientEncoding === 'auto' ? localeEncoding(process.env) : settings.clientEncoding,
      parameters: environmentParameters(environment ?? {}),
    },
    ...(sslcert ? { sslcert } : {}),
    ...(sslkey ? { sslkey } : {}),
    ...(sslpassword ? { sslpassword } : {}),
  };
}
