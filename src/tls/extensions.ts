/** Hello extensions (RFC 8446 section 4.2), the parts of them that decide whether a handshake succeeds. */
import type { Cursor } from '../base/cursor';
import { type Issue, issue } from '../base/issue';
import type { Field } from '../trace/model';
import { EXTENSION, extensionName, groupName, isGrease, signatureName, versionName } from './names';

/** A list in a hello has at most this many entries here; real ones stay below 100. */
const MAX_ENTRIES = 512;

/** What the extensions of one message said; empty where an extension was absent. */
export interface Extensions {
  sni: string | null;
  alpn: readonly string[];
  versions: readonly number[];
  groups: readonly number[];
  signatureAlgorithms: readonly number[];
  /** Groups of the offered (or chosen) key shares. */
  keyShares: readonly number[];
  encryptThenMac: boolean;
  extendedMasterSecret: boolean;
  earlyData: boolean;
  preSharedKey: boolean;
  /** One field per extension, with its place in the message; none when they were read quietly. */
  fields: Field[];
}

/** Whose extensions they are: several have another form in the server's answer. */
export type ExtensionContext = 'client' | 'server' | 'other';

const NO_NAMES: readonly string[] = [];
const NO_NUMBERS: readonly number[] = [];
const NO_FIELDS: Field[] = [];

/**
 * Reads the extensions block, its two-byte length first; an absent block is legal in TLS 1.2.
 *
 * @param quiet without fields, and without lists that are only shown.
 */
export function parseExtensions(
  cursor: Cursor,
  context: ExtensionContext,
  issues: Issue[],
  quiet = false,
): Extensions {
  const found: Extensions = {
    sni: null,
    alpn: NO_NAMES,
    versions: NO_NUMBERS,
    groups: NO_NUMBERS,
    signatureAlgorithms: NO_NUMBERS,
    keyShares: NO_NUMBERS,
    encryptThenMac: false,
    extendedMasterSecret: false,
    earlyData: false,
    preSharedKey: false,
    fields: quiet ? NO_FIELDS : [],
  };
  if (cursor.remaining === 0) return found;
  const length = cursor.u16be();
  if (cursor.overran || length > cursor.remaining) {
    issues.push(
      issue('TLS_BAD_EXTENSIONS', `extensions of ${length} bytes in ${cursor.remaining}`, cursor.position),
    );
  }
  const end = Math.min(cursor.end, cursor.position + length);
  for (let count = 0; cursor.position + 4 <= end && count < MAX_ENTRIES; count++) {
    const start = cursor.position;
    const type = cursor.u16be();
    const size = cursor.u16be();
    cursor.skip(size);
    if (cursor.overran) {
      issues.push(issue('TLS_BAD_EXTENSIONS', `${extensionName(type)} is cut short`, start));
      break;
    }
    if (quiet && !isTelling(type, context)) continue;
    readExtension(found, type, cursor.part(start + 4, size), context);
    if (quiet) continue;
    const value = extensionWords(found, type, cursor.part(start + 4, size), context);
    found.fields.push({ name: extensionName(type), value, offset: start, length: 4 + size });
  }
  return found;
}

/** The names of the ALPN extension alone, found as {@link parseExtensions} finds them. */
export function extensionProtocols(cursor: Cursor): readonly string[] {
  let found: readonly string[] = [];
  const length = cursor.u16be();
  const end = Math.min(cursor.end, cursor.position + length);
  for (let count = 0; cursor.position + 4 <= end && count < MAX_ENTRIES; count++) {
    const type = cursor.u16be();
    const size = cursor.u16be();
    if (type === EXTENSION.alpn) {
      const start = cursor.position;
      cursor.skip(size);
      if (!cursor.overran) found = protocolNames(cursor.part(start, size));
    } else {
      cursor.skip(size);
    }
    if (cursor.overran) break;
  }
  return found;
}

/** Whether an extension changes what follows; the others are only shown. */
function isTelling(type: number, context: ExtensionContext): boolean {
  switch (type) {
    case EXTENSION.serverName:
    case EXTENSION.alpn:
    case EXTENSION.encryptThenMac:
    case EXTENSION.extendedMasterSecret:
    case EXTENSION.earlyData:
    case EXTENSION.preSharedKey:
      return true;
    case EXTENSION.supportedVersions:
      return context !== 'client';
    default:
      return false;
  }
}

/** Records what one extension says. */
function readExtension(found: Extensions, type: number, body: Cursor, context: ExtensionContext): void {
  switch (type) {
    case EXTENSION.serverName:
      found.sni = serverName(body);
      return;
    case EXTENSION.alpn:
      found.alpn = protocolNames(body);
      return;
    case EXTENSION.supportedVersions:
      found.versions = context === 'client' ? list16(body, body.u8()) : [body.u16be()];
      return;
    case EXTENSION.supportedGroups:
      found.groups = list16(body, body.u16be());
      return;
    case EXTENSION.signatureAlgorithms:
      found.signatureAlgorithms = list16(body, body.u16be());
      return;
    case EXTENSION.keyShare:
      found.keyShares = context === 'client' ? shareGroups(body) : [body.u16be()];
      return;
    case EXTENSION.encryptThenMac:
      found.encryptThenMac = true;
      return;
    case EXTENSION.extendedMasterSecret:
      found.extendedMasterSecret = true;
      return;
    case EXTENSION.earlyData:
      found.earlyData = true;
      return;
    case EXTENSION.preSharedKey:
      found.preSharedKey = true;
      return;
  }
}

/** The words of an extension that was recorded last. */
function extensionWords(found: Extensions, type: number, body: Cursor, context: ExtensionContext): string {
  if (isGrease(type)) return '';
  switch (type) {
    case EXTENSION.serverName:
      return found.sni ?? '';
    case EXTENSION.alpn:
      return found.alpn.join(', ');
    case EXTENSION.supportedVersions:
      return words(found.versions, versionName);
    case EXTENSION.supportedGroups:
      return words(found.groups, groupName);
    case EXTENSION.signatureAlgorithms:
      return words(found.signatureAlgorithms, signatureName);
    case EXTENSION.keyShare:
      return words(found.keyShares, groupName);
    case EXTENSION.encryptThenMac:
    case EXTENSION.extendedMasterSecret:
    case EXTENSION.earlyData:
      return '';
    case EXTENSION.preSharedKey:
      return context === 'server' ? `identity ${body.u16be()}` : 'offered';
    default:
      return body.remaining === 0 ? '' : `${body.remaining} bytes`;
  }
}

/** RFC 6066 section 3: a list with one entry of type host_name; the server's answer is empty. */
function serverName(body: Cursor): string | null {
  if (body.remaining === 0) return null;
  body.u16be();
  if (body.u8() !== 0) return null;
  const name = body.text(body.u16be());
  return body.overran ? null : name.slice(0, 255);
}

/** RFC 7301: names with a length byte each. */
function protocolNames(body: Cursor): string[] {
  const names: string[] = [];
  body.u16be();
  while (body.remaining > 0 && names.length < MAX_ENTRIES) {
    const name = body.text(body.u8());
    if (body.overran) break;
    names.push(name);
  }
  return names;
}

function shareGroups(body: Cursor): number[] {
  const groups: number[] = [];
  body.u16be();
  while (body.remaining >= 4 && groups.length < MAX_ENTRIES) {
    groups.push(body.u16be());
    body.skip(body.u16be());
  }
  return groups;
}

/** 16-bit values filling `bytes` bytes. */
export function list16(body: Cursor, bytes: number): number[] {
  const values: number[] = [];
  const count = Math.min(bytes, body.remaining) >> 1;
  for (let i = 0; i < count; i++) values.push(body.u16be());
  return values;
}

/** Values in words, without GREASE, cut where a line gets too long. */
export function words(values: readonly number[], name: (value: number) => string): string {
  const known = values.filter((value) => !isGrease(value));
  const shown = known.slice(0, 64).map(name).join(', ');
  return known.length > 64 ? `${shown}, … (${known.length})` : shown;
}
