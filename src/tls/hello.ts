/** ClientHello and ServerHello (RFC 8446 section 4.1; RFC 5246 section 7.4.1 for older versions). */
import { equalBytes, fromHex, hex } from '../base/bytes';
import { Cursor } from '../base/cursor';
import { type Decoded, type Issue, issue } from '../base/issue';
import type { Field } from '../trace/model';
import { type Extensions, extensionProtocols, list16, parseExtensions, words } from './extensions';
import { isGrease, suiteName, VERSION, versionName } from './names';

/** Offsets in fields count from the handshake header, which is four bytes. */
const BODY = 4;
const RANDOM = 32;

/** What a ClientHello says to its session. */
export interface ClientHelloFacts extends Pick<Extensions, 'sni' | 'alpn' | 'earlyData'> {
  readonly random: Uint8Array;
}

/** What a ServerHello says to its session. */
export interface ServerHelloFacts
  extends Pick<Extensions, 'alpn' | 'preSharedKey' | 'encryptThenMac' | 'extendedMasterSecret'> {
  readonly random: Uint8Array;
  readonly suite: number;
  /** The version chosen: supported_versions if present, else the version field. */
  readonly version: number;
  /** A request for another ClientHello (RFC 8446 section 4.1.4). */
  readonly helloRetryRequest: boolean;
}

export interface ClientHello extends Extensions, ClientHelloFacts {
  /** The version field that TLS 1.3 froze at 1.2. */
  readonly legacyVersion: number;
  readonly sessionId: Uint8Array;
  readonly suites: readonly number[];
  /** Highest version offered, GREASE aside. */
  readonly maxVersion: number;
}

export interface ServerHello extends Extensions, ServerHelloFacts {
  readonly legacyVersion: number;
  readonly sessionId: Uint8Array;
  /** The server could do more than it was asked for: RFC 8446's downgrade sentinel. */
  readonly downgraded: boolean;
}

/** SHA-256 of "HelloRetryRequest", the random value that marks one. */
const RETRY_RANDOM = fromHex(
  'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c',
) as Uint8Array;

/** "DOWNGRD" */
const DOWNGRADE = fromHex('444f574e475244') as Uint8Array;

/**
 * The application protocols that a ClientHello offers, and nothing else of it.
 *
 * @param message the handshake message with its four-byte header.
 */
export function offeredProtocols(message: Uint8Array): readonly string[] {
  const cursor = new Cursor(message, BODY + 2 + 32);
  cursor.skip(cursor.u8());
  cursor.skip(cursor.u16be());
  cursor.skip(cursor.u8());
  return extensionProtocols(cursor);
}

/** {@link parseClientHello} as far as it matters to the session. */
export function readClientHello(message: Uint8Array): ClientHelloFacts {
  const cursor = new Cursor(message, BODY + 2);
  const random = cursor.take(RANDOM).slice();
  cursor.skip(cursor.u8());
  cursor.skip(cursor.u16be());
  cursor.skip(cursor.u8());
  const { sni, alpn, earlyData } = parseExtensions(cursor, 'client', [], true);
  return { random, sni, alpn, earlyData };
}

/** {@link parseServerHello} as far as it matters to the session. */
export function readServerHello(message: Uint8Array): ServerHelloFacts {
  const cursor = new Cursor(message, BODY);
  const legacyVersion = cursor.u16be();
  const random = cursor.take(RANDOM).slice();
  cursor.skip(cursor.u8());
  const suite = cursor.u16be();
  cursor.skip(1);
  const { versions, alpn, preSharedKey, encryptThenMac, extendedMasterSecret } = parseExtensions(
    cursor,
    'server',
    [],
    true,
  );
  const version = versions[0] ?? legacyVersion;
  const helloRetryRequest = equalBytes(random, RETRY_RANDOM);
  return {
    random,
    suite,
    version,
    helloRetryRequest,
    alpn,
    preSharedKey,
    encryptThenMac,
    extendedMasterSecret,
  };
}

/** @param message the handshake message with its four-byte header. */
export function parseClientHello(message: Uint8Array): Decoded<ClientHello> {
  const issues: Issue[] = [];
  const cursor = new Cursor(message, BODY);
  const legacyVersion = cursor.u16be();
  const random = cursor.take(32).slice();
  const sessionId = cursor.take(cursor.u8()).slice();
  const suitesAt = cursor.position;
  const suitesLength = cursor.u16be();
  const suites = list16(new Cursor(cursor.take(suitesLength)), suitesLength);
  const compressions = cursor.take(cursor.u8());
  noteCut('ClientHello', cursor, issues);
  const extensions = parseExtensions(cursor, 'client', issues);
  const fields: Field[] = [
    { name: 'legacy_version', value: versionName(legacyVersion), offset: BODY, length: 2 },
    { name: 'random', value: hex(random), offset: BODY + 2, length: 32 },
    { name: 'session_id', value: hex(sessionId), offset: BODY + 35, length: sessionId.length },
    {
      name: 'cipher_suites',
      value: words(suites, suiteName),
      offset: suitesAt,
      length: 2 + suitesLength,
    },
    { name: 'compression_methods', value: hex(compressions) },
    ...extensions.fields,
  ];
  const known = extensions.versions.filter((version) => !isGrease(version));
  const maxVersion = known.length > 0 ? Math.max(...known) : legacyVersion;
  return { value: { ...extensions, fields, legacyVersion, random, sessionId, suites, maxVersion }, issues };
}

/** @param message the handshake message with its four-byte header. */
export function parseServerHello(message: Uint8Array): Decoded<ServerHello> {
  const issues: Issue[] = [];
  const cursor = new Cursor(message, BODY);
  const legacyVersion = cursor.u16be();
  const random = cursor.take(32).slice();
  const sessionId = cursor.take(cursor.u8()).slice();
  const suiteAt = cursor.position;
  const suite = cursor.u16be();
  const compression = cursor.u8();
  noteCut('ServerHello', cursor, issues);
  const extensions = parseExtensions(cursor, 'server', issues);
  const version = extensions.versions[0] ?? legacyVersion;
  const helloRetryRequest = equalBytes(random, RETRY_RANDOM);
  const downgraded = version < VERSION.tls13 && equalBytes(random.subarray(24, 31), DOWNGRADE);
  const fields: Field[] = [
    { name: 'legacy_version', value: versionName(legacyVersion), offset: BODY, length: 2 },
    { name: 'random', value: hex(random), offset: BODY + 2, length: 32 },
    { name: 'session_id', value: hex(sessionId), offset: BODY + 35, length: sessionId.length },
    { name: 'cipher_suite', value: suiteName(suite), offset: suiteAt, length: 2 },
    { name: 'compression_method', value: String(compression), offset: suiteAt + 2, length: 1 },
    ...extensions.fields,
  ];
  return {
    value: {
      ...extensions,
      fields,
      legacyVersion,
      random,
      sessionId,
      suite,
      version,
      helloRetryRequest,
      downgraded,
    },
    issues,
  };
}

function noteCut(name: string, cursor: Cursor, issues: Issue[]): void {
  if (cursor.overran) issues.push(issue('TLS_CUT_HELLO', `the ${name} ends before its fields do`));
}
