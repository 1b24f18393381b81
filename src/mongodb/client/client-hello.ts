import type { Mechanism } from '../mechanisms/mechanism';
import type { Document } from '../wire/bson';
import { isCompressor } from '../wire/compression';
import { DRIVER_DEFAULTS, type DriverOptions } from './client-options';

/** The driver of the Connect Test, which goes on where others would leave. */
export const OWN_DRIVER = 'handshake-inspector';
const VERSION = '1';

/**
 * The first command of a connection (MongoDB Handshake specification): legacy hello with client metadata. `saslSupportedMechs` is
 * asked for when the mechanism is to be negotiated.
 *
 * @param speculation first command of the mechanism that is tried in advance, if any.
 */
export function helloCommand(options: DriverOptions, speculation: Document | undefined): Document {
  const source = sourceOf(options);
  const negotiate = options.user !== undefined && options.user !== '' && options.mechanism === undefined;
  return {
    ...(options.loadBalanced ? { hello: 1 } : { isMaster: 1 }),
    helloOk: true,
    loadBalanced: options.loadBalanced ? true : undefined,
    client: clientMetadata(options.appName),
    compression: (options.compressors ?? []).filter(isCompressor),
    saslSupportedMechs: negotiate ? `${source}.${options.user}` : undefined,
    speculativeAuthenticate: speculation ? { ...speculation, db: source } : undefined,
  };
}

/** The authentication source: `$external` for the mechanisms whose users no database holds. */
export function sourceOf(options: Pick<DriverOptions, 'authSource' | 'mechanism'>): string {
  if (usesExternal(options.mechanism)) return '$external';
  return options.authSource ?? DRIVER_DEFAULTS.authSource;
}

/** Mechanisms whose users are in `$external` only. PLAIN's are there by default. */
export function usesExternal(mechanism: Mechanism | undefined): boolean {
  return (
    mechanism === 'MONGODB-X509' ||
    mechanism === 'MONGODB-AWS' ||
    mechanism === 'MONGODB-OIDC' ||
    mechanism === 'GSSAPI'
  );
}

/** The specification allows 128 bytes of application name and 512 in all. */
function clientMetadata(appName: string | undefined): Document {
  return {
    application: appName ? { name: appName.slice(0, 128) } : undefined,
    driver: { name: OWN_DRIVER, version: VERSION },
    os: { type: 'unknown' },
  };
}
