/**
 * File names are bytes on Linux and need not be UTF-8. Here a path is a string all the same: a byte that is part of no character is a
 * lone surrogate (U+DC80 to U+DCFF, as in Python's PEP 383), which no valid text has. What opens a file gives such a path its bytes back.
 */
import { readFileSync } from 'node:fs';

const BASE = 0xdc00;
const ESCAPED = /(?<![\ud800-\udbff])[\udc80-\udcff]/g;
const MAX_CHARACTER = 4;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A path as a string, from its bytes. */
export function pathFromBytes(bytes: Uint8Array): string {
  const whole = decoded(bytes);
  if (whole !== undefined) return whole;
  let path = '';
  for (let at = 0; at < bytes.length; ) {
    let length = 1;
    let character: string | undefined;
    for (; length <= MAX_CHARACTER && character === undefined; length++)
      character = decoded(bytes.subarray(at, at + length));
    path += character ?? String.fromCharCode(BASE + bytes[at]);
    at += character === undefined ? 1 : length - 1;
  }
  return path;
}

/** What the functions of `node:fs` take for a path. */
export function fsPath(path: string): string | Buffer {
  if (!isEscaped(path)) return path;
  const parts = partsOf(path).map((part) =>
    isEscaped(part) ? Buffer.of(part.charCodeAt(0) - BASE) : Buffer.from(part),
  );
  return Buffer.concat(parts);
}

/** A path to show: what is no character as `\xff`. */
export function shownPath(path: string): string {
  return path.replace(ESCAPED, (byte) => `\\x${hexOf(byte)}`);
}

/** A path as a relative reference (RFC 3986): what is no character as `%FF`. */
export function uriPath(path: string): string {
  return partsOf(path)
    .map((part) => (isEscaped(part) ? `%${hexOf(part).toUpperCase()}` : encodeURI(part)))
    .join('');
}

/**
 * The arguments of this process as paths are written here. Node has only their text, in which bytes that are no UTF-8 are lost; Linux
 * still knows them.
 */
export function argumentsAsPaths(given: readonly string[] = process.argv): string[] {
  if (process.platform !== 'linux' || !given.some((text) => text.includes('\ufffd'))) return [...given];
  try {
    // Each ends with a NUL (proc(5)); Node's own options come before the program.
    const raw = readFileSync('/proc/self/cmdline', 'latin1').split('\0').slice(0, -1);
    const own = raw.slice(raw.length - given.length + 2).map((text) => Buffer.from(text, 'latin1'));
    const same = own.every((bytes, i) => bytes.toString() === given[i + 2]);
    return same ? [...given.slice(0, 2), ...own.map(pathFromBytes)] : [...given];
  } catch {
    return [...given];
  }
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** On Windows names are UTF-16, and a lone surrogate is one. */
function isEscaped(path: string): boolean {
  return process.platform !== 'win32' && path.search(ESCAPED) >= 0;
}

function partsOf(path: string): string[] {
  return path.split(new RegExp(`(${ESCAPED.source})`)).filter((part) => part !== '');
}

function hexOf(byte: string): string {
  return (byte.charCodeAt(0) - BASE).toString(16);
}
