import { type ConnectionOptions, storeOption } from '../postgres/connection-options';
import { type ConnectionSettings, connectionSettings } from '../postgres/settings';
import { parseConnectionString } from '../postgres/uri';
import { TargetError } from './target-error';

/** A PostgreSQL server (or several, tried in order), with everything libpq would know of it. */
export interface PostgresTarget {
  readonly protocol: 'postgres';
  readonly settings: ConnectionSettings;
  /** Client certificate, key and the key's passphrase; paths or PEM text. */
  readonly sslcert?: string;
  readonly sslkey?: string;
  readonly sslpassword?: string;
}

/** @throws TargetError with libpq's words */
export function postgresTarget(text: string, overrides: Readonly<Record<string, string>>): PostgresTarget {
  const parsed = parseConnectionString(text);
  if (!parsed.ok) throw new TargetError(withoutPassword(parsed.message, text));
  const options: ConnectionOptions = { ...parsed.options };
  for (const [keyword, value] of Object.entries(overrides)) {
    if (!storeOption(options, keyword, value)) {
      throw new TargetError(`"${keyword}" is not an option of PostgreSQL connections.`);
    }
  }
  return postgresTargetFrom(options);
}

/** From libpq's options by keyword, as `connectionSettings` takes them. @throws TargetError */
export function postgresTargetFrom(options: ConnectionOptions): PostgresTarget {
  const checked = connectionSettings(options);
  if (!checked.ok) throw new TargetError(checked.message);
  const { sslcert, sslkey, sslpassword } = options;
  return {
    protocol: 'postgres',
    settings: checked.settings,
    ...(sslcert ? { sslcert } : {}),
    ...(sslkey ? { sslkey } : {}),
    ...(sslpassword ? { sslpassword } : {}),
  };
}

/** libpq quotes the whole URI in its complaints, and a URI may hold a password. */
function withoutPassword(message: string, text: string): string {
  const masked = text.replace(/^(\w+:\/\/[^/@:]*):[^/@]*@/, '$1:***@');
  return message.split(text).join(masked);
}
