/** Takes secrets out of bytes and leaves something as long that reads as what was there. */
import type { Names } from './names';
import { latin1 } from './names';

const ZERO = 0x30;
const LETTER_A = 0x41;
const LETTER_X = 0x78;
const EQUALS = 0x3d;

/** Text becomes letters; bytes that are no text become zeros. NULs stay: they part a PLAIN message, and end a string. */
export function blank(bytes: Uint8Array, start: number, end: number): void {
  const isText = /^[\0\x20-\x7e\x80-\xff]*$/.test(latin1(bytes, start, end));
  for (let at = start; at < end; at++) if (bytes[at] !== 0) bytes[at] = isText ? LETTER_X : 0;
}

/** Hex digits become zeros, as in an md5 password, whose first three letters stay, and in the keys of MONGODB-CR. */
export function blankHex(bytes: Uint8Array, start: number, end: number): void {
  const from = latin1(bytes, start, Math.min(start + 3, end)) === 'md5' ? start + 3 : start;
  if (!/^[\da-f]*\0?$/i.test(latin1(bytes, from, end))) blank(bytes, start, end);
  else for (let at = from; at < end; at++) if (bytes[at] !== 0) bytes[at] = ZERO;
}

/** Attributes whose values are base64 or a nonce (RFC 5802 section 5.1). */
const SECRET_ATTRIBUTES = new Set(['r', 's', 'p', 'v']);
/** Attributes that hold a name. */
const NAME_ATTRIBUTES = new Set(['n', 'a']);

/** A SCRAM message (RFC 5802 section 7), attribute by attribute; anything else as a whole. */
export function blankScram(bytes: Uint8Array, start: number, end: number, names: Names): void {
  // Behind the GS2 header of a client's first message, whose `p=` names the channel binding.
  const header = /^(?:[ny]|p=[A-Za-z\d.-]+),(a=[^,]*)?,/.exec(latin1(bytes, start, end));
  let at = start;
  if (header) {
    if (header[1])
      names.mask(bytes, start + header[0].length - header[1].length + 1, start + header[0].length - 1);
    at += header[0].length;
  }
  const text = latin1(bytes, at, end);
  if (!/^([A-Za-z]=[^,]*)(,[A-Za-z]=[^,]*)*$/.test(text)) {
    blank(bytes, start, end);
    return;
  }
  for (const attribute of text.split(',')) {
    const stop = at + attribute.length;
    if (SECRET_ATTRIBUTES.has(attribute[0])) {
      for (let i = at + 2; i < stop; i++) if (bytes[i] !== EQUALS) bytes[i] = LETTER_A;
    } else if (NAME_ATTRIBUTES.has(attribute[0])) {
      names.mask(bytes, at + 2, stop);
    }
    at = stop + 1;
  }
}
