import type { SrvRecord } from 'node:dns';
import type { MongoHost } from '../mongodb/client/uri';
import { readOption, type UriOptions } from '../mongodb/client/uri-options';

/** The two questions to DNS; `node:dns/promises` answers them. */
export interface SrvResolver {
  resolveSrv(name: string): Promise<SrvRecord[]>;
  resolveTxt(name: string): Promise<string[][]>;
}

export interface SrvAnswer {
  readonly hosts: readonly MongoHost[];
  /** Options from the TXT record; those of the connection string win over them. */
  readonly options: UriOptions;
}

/** A record that the specification forbids. `message` is for the user. */
export class SrvError extends Error {
  readonly code = 'SRV_RECORD';
}

/** The only options that a TXT record may set. */
const TXT_OPTIONS = new Set(['authSource', 'replicaSet', 'loadBalanced']);

/**
 * The hosts behind a `mongodb+srv` name (Initial DNS Seedlist Discovery specification). Rejects with the resolver's error, or with
 * a {@link SrvError} for records that must not be followed.
 */
export async function lookupSrv(name: string, service: string, resolver: SrvResolver): Promise<SrvAnswer> {
  const query = `_${service}._tcp.${name}`;
  const records = await resolver.resolveSrv(query);
  if (records.length === 0) throw new SrvError(`The SRV record ${query} names no host.`);
  const parts = name.split('.');
  // The last labels must be the same: otherwise DNS could send the password to somebody else's domain.
  const domain = parts.length > 2 ? parts.slice(1).join('.') : name;
  for (const record of records) {
    if (!record.name.toLowerCase().endsWith(`.${domain.toLowerCase()}`)) {
      throw new SrvError(
        `The SRV record ${query} names ${record.name}, which is not in the domain ${domain}.`,
      );
    }
  }
  const hosts = records.map((record) => ({ host: record.name, port: record.port }));
  return { hosts, options: await textOptions(name, resolver) };
}

async function textOptions(name: string, resolver: SrvResolver): Promise<UriOptions> {
  // Most names have no TXT record, and a resolver that cannot say is no reason to stop.
  const records = await resolver.resolveTxt(name).catch((): string[][] => []);
  if (records.length === 0) return {};
  if (records.length > 1)
    throw new SrvError(`${name} has ${records.length} TXT records; at most one is allowed.`);
  const options: Record<string, unknown> = {};
  for (const [key, value] of new URLSearchParams(records[0].join(''))) {
    const read = readOption(key, value);
    if (read.kind !== 'value' || !TXT_OPTIONS.has(read.name)) {
      throw new SrvError(`The TXT record of ${name} sets "${key.slice(0, 60)}", which it may not.`);
    }
    options[read.name] = read.value;
  }
  return options as UriOptions;
}
