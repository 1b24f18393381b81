import type { ScriptName } from './scripted';
import type { ServerName } from './servers';

/** One row of the table: what the client is told, and what stands at the other end. */
export interface Combination {
  /** Unique; says what is combined. */
  readonly name: string;
  /** Servers in the order of the client's list of hosts. `nobody` is a port where no one listens. */
  readonly servers: readonly (ServerName | ScriptName | 'nobody')[];
  /** Keyword/value pairs behind host, hostaddr, port, dbname and application_name. `$name` is a file of `Files`. */
  readonly options: string;
  /** Name of every host; the address is always the same. Default `localhost`. */
  readonly host?: string;
  /** Through Unix sockets instead of TCP. */
  readonly unix?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Options of libpq 16 and later: 15 refuses the connection string. */
const NEW_OPTIONS =
  /\b(sslnegotiation|require_auth|sslcertmode|load_balance_hosts|m(?:in|ax)_protocol_version|servicefile|gssdelegation|sslrootcert=system|PGREQUIREAUTH|PGM(?:IN|AX)PROTOCOLVERSION|PGSSLNEGOTIATION|PGSSLCERTMODE|PGLOADBALANCEHOSTS)\b/;
const OLD_OPTION = /\bssl_m(?:in|ax)_protocol_version\b/g;

/** Whether libpq 15 has all that this combination uses. */
export function knownTo15({ options, environment }: Combination): boolean {
  const text = `${options} ${Object.keys(environment ?? {}).join(' ')}`.replace(OLD_OPTION, '');
  return !NEW_OPTIONS.test(text);
}
