/** Stand-ins for names in bytes: as long as the name, and the same for the same name, so that what was equal stays equal. */
import { AddressBook } from './addresses';
import { latin1 } from './allowed';
import { knownPhrases } from './phrases';

/**
 * Words between these are replaced one by one: a host name keeps its dots, a distinguished name its commas. Of white space only what is
 * ASCII, for these are bytes: 0xA0 is a part of many letters.
 */
const WORD = /[^.,;:=+@/\\*"' \t\r\n\f\v\0]+/g;

/** In a sentence brackets part words too. */
const SENTENCE_WORD = /[^.,;:=+@/\\*"' \t\r\n\f\v\0()[\]{}<>?!`|&#%]+/g;

/** Not names: the databases that every MongoDB has. */
export const COMMON_NAMES: ReadonlySet<string> = new Set([
  'admin',
  '$external',
  'local',
  'config',
  'test',
  '$cmd',
  // MongoDB's port, in the names of members.
  '27017',
]);

/** Attribute types of distinguished names (RFC 4514 section 3), where `=` follows them. */
export const ATTRIBUTE_TYPES: ReadonlySet<string> = new Set([
  'cn',
  'o',
  'ou',
  'c',
  'l',
  's',
  'st',
  'dc',
  'uid',
  'street',
  'emailaddress',
  'serialnumber',
]);

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** A member of a replica set on MongoDB's port: IPv4, or IPv6 in brackets. */
const MEMBER = /^\[?([\da-f.:]{3,45}?)\]?:27017$/i;

const ADDRESS = /[\da-f]*[:.][\da-f:.]+/gi;
/** Shorter words are in nearly every text: they cannot be looked for. */
const SHORTEST = 4;
const EQUALS = '=';

/** All that one file's redaction knows of names and secrets. Its work is in proportion to the bytes that it is given. */
export class Names {
  /** What was replaced: values as characters of their bytes. None of them may be in the result. */
  readonly values = new Set<string>();
  /** Values of a fixed form that stayed, such as versions. */
  readonly allowed = new Set<string>();
  /** Characters looked at in sentences; for tests of how much work it is. */
  work = 0;
  readonly #letters = new Map<string, string>();

  /** What compression and TLS hide in the file, as it was written anew, and where it is. */
  readonly hidden: { readonly place: string; readonly bytes: Uint8Array }[] = [];
  /** The connection that is being written anew. */
  place = '';

  /** @param addresses those that the packets show anyway, and what is written in their place. */
  constructor(private readonly addresses: AddressBook = new AddressBook([])) {}

  /** What to write for the bytes of an address; undefined if no packet shows it. */
  addressBytes(address: Uint8Array): Uint8Array | undefined {
    return this.addresses.bytes(address);
  }

  /** Notes what somebody who opens the file further will find. */
  noteHidden(bytes: Uint8Array): void {
    if (bytes.length > 0) this.hidden.push({ place: this.place, bytes: bytes.slice() });
  }

  /** Remembers a value that is not in the result. */
  note(value: string): void {
    if (value.length >= SHORTEST) this.values.add(value);
  }

  /** Remembers a text that stays. */
  allow(text: string): void {
    this.allowed.add(text);
  }

  /**
   * Replaces every word in `bytes[start, end)`. The name is remembered. A member of a set that is named by an address of the packets
   * keeps it, so that it is still the one that was connected to.
   */
  mask(bytes: Uint8Array, start: number, end: number): void {
    const text = latin1(bytes, start, end);
    const host = MEMBER.exec(text)?.[1];
    const address = host && this.addresses.text(host);
    const masked = address ? text.replace(host, address) : this.#masked(text);
    if (masked !== text) this.note(text);
    write(bytes, start, masked);
  }

  #masked(text: string): string {
    return text.replaceAll(WORD, (word, at: number) => {
      const lower = word.toLowerCase();
      if (COMMON_NAMES.has(lower)) return word;
      if (text[at + word.length] === EQUALS && ATTRIBUTE_TYPES.has(lower)) return word;
      this.note(word);
      return this.#standIn(word);
    });
  }

  /**
   * Keeps of a sentence the phrases that servers are known to say, and addresses that are in the packets too. A name that was met before
   * is replaced by its stand-in, and anything else by as many letters.
   */
  maskSentence(bytes: Uint8Array, start: number, end: number): void {
    const text = latin1(bytes, start, end);
    this.work += text.length;
    const kept = [...knownPhrases(text), ...this.#addressesIn(text)].sort((a, b) => a.start - b.start);
    let masked = '';
    let at = 0;
    for (const { start: from, end: to, text: instead } of kept) {
      if (from < at) continue;
      masked += this.#covered(text.slice(at, from)) + instead;
      at = to;
    }
    write(bytes, start, masked + this.#covered(text.slice(at)));
  }

  #addressesIn(text: string) {
    const found: { start: number; end: number; text: string }[] = [];
    for (const { 0: word, index } of text.matchAll(ADDRESS)) {
      const instead = word.length > 45 ? undefined : this.addresses.text(word);
      if (instead?.length === word.length)
        found.push({ start: index, end: index + word.length, text: instead });
    }
    return found;
  }

  #covered(text: string): string {
    return text
      .replaceAll(SENTENCE_WORD, (word) => {
        this.note(word);
        return this.#letters.get(word.toLowerCase())?.slice(0, word.length) ?? 'x'.repeat(word.length);
      })
      .replaceAll(/[^\x20-\x7e\s]/g, 'x');
  }

  #standIn(word: string): string {
    const key = word.toLowerCase();
    let letters = this.#letters.get(key);
    if (letters === undefined) {
      const code = codeOf(this.#letters.size);
      letters = code.repeat(Math.ceil(word.length / code.length)).slice(0, word.length);
      this.#letters.set(key, letters);
    }
    return letters;
  }
}

/** One letter for the first 26, then `a` and a number in the other 25: so the beginning of a code shows where it is repeated. */
function codeOf(count: number): string {
  if (count < 26) return LETTERS[count];
  let code = '';
  for (let rest = count - 26; ; rest = Math.floor(rest / 25) - 1) {
    code = LETTERS[1 + (rest % 25)] + code;
    if (rest < 25) return `a${code}`;
  }
}

/** Whether a value may be a stand-in itself: a few letters again and again. */
export function looksMadeUp(value: string): boolean {
  for (let period = 1; period <= 6; period++) {
    if (period * 2 > value.length && period > 1) return false;
    let same = true;
    for (let i = period; i < value.length && same; i++) same = value[i] === value[i - period];
    if (same) return true;
  }
  return false;
}

function write(bytes: Uint8Array, start: number, text: string): void {
  for (let i = 0; i < text.length; i++) bytes[start + i] = text.charCodeAt(i);
}
