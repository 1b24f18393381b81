/** Takes secrets out of messages of authentication and leaves something as long that reads as what was there. */
import { fromBase64, toBase64 } from '../../auth/base64';
import type { Allowed } from './allowed';

const TEXT = /^[\0\x20-\x7e\x80-\xff]*$/;

/** Text becomes letters; what is no text becomes zeros. */
export function blank(out: Allowed, start: number, end: number): void {
  if (TEXT.test(out.text(start, end))) out.letters(start, end);
  else out.zeros(start, end);
}

/** Hex digits become zeros, as in an md5 password, whose first three letters stay, and in the keys of MONGODB-CR. */
export function blankHex(out: Allowed, start: number, end: number): void {
  const text = out.text(start, end);
  const from = text.startsWith('md5') ? start + 3 : start;
  if (!/^(md5)?[\da-f]{16,64}$/i.test(text)) {
    blank(out, start, end);
    return;
  }
  out.keep(start, from);
  out.digits(from, end);
}

/** What RFC 5802 section 7 lets `e=` say. */
const SERVER_ERRORS: ReadonlySet<string> = new Set([
  'invalid-encoding',
  'extensions-not-supported',
  'invalid-proof',
  'channel-bindings-dont-match',
  'server-does-support-channel-binding',
  'channel-binding-not-supported',
  'unsupported-channel-binding-type',
  'unknown-user',
  'invalid-username-encoding',
  'no-resources',
  'other-error',
]);
const BINDINGS: ReadonlySet<string> = new Set([
  'tls-unique',
  'tls-server-end-point',
  'tls-exporter',
  'tls-unique-for-telnet',
]);

/** The fixed texts of SCRAM, for whoever looks for names in what was kept. */
export const SCRAM_WORDS: readonly string[] = [...SERVER_ERRORS, ...BINDINGS, 'biws', 'eSws'];

/** A SCRAM message (RFC 5802 section 7) attribute by attribute, PLAIN's (RFC 4616) part by part; anything else as a whole. */
export function blankSasl(out: Allowed, start: number, end: number): void {
  const text = out.text(start, end);
  const header = gs2Header(out, start, end);
  const at = start + header;
  if (/^[A-Za-z]=[^,]*(,[A-Za-z]=[^,]*)*$/.test(text.slice(header)) && isScram(text.slice(header))) {
    blankAttributes(out, at, end);
  } else if (header === 0 && /^[^\0]*\0[^\0]+\0[^\0]*$/.test(text)) {
    blankPlain(out, start, end);
  } else {
    out.bytes.fill(0, start, end);
    blank(out, start, end);
  }
}

/** Some attributes that every SCRAM message begins with. */
function isScram(text: string): boolean {
  return /^[nrcevmpsia]=/.test(text);
}

/** Length of the GS2 header (RFC 5802 section 7) of a client's first message; 0 if there is none. Its fixed parts are kept. */
function gs2Header(out: Allowed, start: number, end: number): number {
  const match = /^(n|y|p=([A-Za-z\d.-]+)),(a=[^,]*)?,/.exec(out.text(start, end));
  if (!match) return 0;
  const [whole, flag, binding, authorization = ''] = match;
  const stop = start + whole.length;
  out.keep(start, stop);
  if (binding !== undefined && !BINDINGS.has(binding)) out.letters(start + 2, start + flag.length);
  if (authorization !== '') out.name(stop - 1 - authorization.length + 2, stop - 1);
  return whole.length;
}

function blankAttributes(out: Allowed, start: number, end: number): void {
  let at = start;
  for (const attribute of out.text(start, end).split(',')) {
    const stop = Math.min(at + attribute.length, end);
    out.keep(at, at + 2);
    blankValue(out, attribute[0], at + 2, stop);
    out.keep(stop, Math.min(stop + 1, end));
    at = stop + 1;
  }
}

function blankValue(out: Allowed, name: string, start: number, end: number): void {
  switch (name) {
    case 'n':
    case 'a':
      out.name(start, end);
      return;
    case 'r':
    case 's':
    case 'p':
    case 'v':
      out.base64(start, end);
      return;
    case 'i':
      out.formed(start, end, /^\d{1,8}$/);
      return;
    case 'c':
      blankBinding(out, start, end);
      return;
    case 'e':
      if (SERVER_ERRORS.has(out.text(start, end))) out.keep(start, end);
      else out.letters(start, end);
      return;
    default:
      out.letters(start, end);
  }
}

/** Bytes of `c=` that are looked at. */
const MOST_BINDING = 4096;

/** `c=`: the GS2 header again and what the channel is bound to, in base64. */
function blankBinding(out: Allowed, start: number, end: number): void {
  const text = out.text(start, end);
  const bytes = fromBase64(text);
  if (text === 'biws' || text === 'eSws') {
    out.keep(start, end);
    return;
  }
  const said = bytes && String.fromCharCode(...bytes.subarray(0, MOST_BINDING));
  const header = /^(?:n|y|p=([A-Za-z\d.-]+)),(?:a=([^,]*))?,/.exec(said ?? '');
  if (!bytes || !said || !header || (header[1] !== undefined && !BINDINGS.has(header[1]))) {
    out.base64(start, end);
    return;
  }
  out.names.note(header[2] ?? '');
  out.names.note(said.slice(header[0].length));
  const flag = header[0].slice(0, header[0].indexOf(',') + 1);
  // The flag and a name of `x`; what follows are zeros.
  const made = new Uint8Array(bytes.length);
  for (let i = 0; i < header[0].length; i++) {
    const kept =
      i < flag.length ||
      i === header[0].length - 1 ||
      (/^a=/.test(header[0].slice(flag.length)) && i < flag.length + 2);
    made[i] = kept ? header[0].charCodeAt(i) : 0x78;
  }
  const encoded = toBase64(made);
  if (encoded.length === end - start)
    for (let i = 0; i < encoded.length; i++) out.bytes[start + i] = encoded.charCodeAt(i);
}

/** `authzid NUL authcid NUL passwd`. */
function blankPlain(out: Allowed, start: number, end: number): void {
  const second = out.source.indexOf(0, start);
  const third = out.source.indexOf(0, second + 1);
  out.name(start, second);
  out.name(second + 1, third);
  out.letters(third + 1, end);
}
