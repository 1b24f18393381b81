import { joined } from '../../base/bytes';
import { parseProxyHeader } from '../../network/proxy-protocol';
import { latin1 } from './allowed';
import type { Piece } from './redact-conversation';

/** What stays at the beginning: `PROXY `; or the signature, version and command, family and length. */
const KEPT = { 1: 6, 2: 16 } as const;
/** The word of version 1 that says what follows. */
const FAMILY = /^(TCP4|TCP6|UNKNOWN)(?=[ \r])/;
const HEXADECIMAL = /[\da-f]/i;
/** Of version 2, whose length has 16 bits. */
const LONGEST = KEPT[2] + 0xffff;
const ZERO = 0x30;
const LETTER = 0x78;

/**
 * The PROXY header in front of what the client says, written anew as long as it was: which version and family stays; addresses, ports and
 * what else it names do not.
 *
 * @returns undefined where there is none, or not all of it.
 */
export function redactedProxyHeader(pieces: readonly Piece[]): Uint8Array | undefined {
  const said: Uint8Array[] = [];
  let length = 0;
  for (const piece of pieces) {
    if (piece.from !== 'client') continue;
    if (!('bytes' in piece) || length >= LONGEST) break;
    if (length === 0 && parseProxyHeader(piece.bytes) === null) return undefined;
    said.push(piece.bytes);
    length += piece.bytes.length;
  }
  const bytes = joined(said);
  const header = parseProxyHeader(bytes);
  if (header === null || header === 'more') return undefined;
  return redacted(bytes.subarray(0, header.bytes), header.version);
}

function redacted(bytes: Uint8Array, version: 1 | 2): Uint8Array {
  const kept = new Uint8Array(bytes.length);
  kept.set(bytes.subarray(0, KEPT[version]));
  if (version === 2) return kept;
  const text = latin1(bytes, KEPT[1], bytes.length);
  const family = FAMILY.exec(text)?.[0].length ?? 0;
  for (let i = 0; i < text.length; i++)
    kept[KEPT[1] + i] = i < family ? text.charCodeAt(i) : covered(text[i]);
  return kept;
}

/** Of an address its form stays. */
function covered(letter: string): number {
  if (/[.: \r\n]/.test(letter)) return letter.charCodeAt(0);
  return HEXADECIMAL.test(letter) ? ZERO : LETTER;
}
