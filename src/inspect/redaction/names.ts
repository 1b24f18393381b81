/** Stand-ins for names in bytes: as long as the name, and the same for the same name, so that what was equal stays equal. */

/**
 * Words between these are replaced one by one: a host name keeps its dots, a distinguished name its commas. Of white space only what is
 * ASCII, for these are bytes: 0xA0 is a part of many letters.
 */
const WORD = /[^.,;:=+@/\\*"' \t\r\n\f\v\0]+/g;

/** Not names: attribute types of distinguished names, and the databases that every MongoDB has. */
const KEPT = new Set([
  'cn',
  'o',
  'ou',
  'c',
  'l',
  'st',
  'dc',
  'uid',
  'admin',
  '$external',
  'local',
  'config',
  'test',
  '$cmd',
]);

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

export class Names {
  readonly #letters = new Map<string, string>();
  /** Whole names met so far, for finding them in sentences. */
  readonly #known = new Set<string>();

  /** Replaces every word in `bytes[start, end)`. The name is remembered. */
  mask(bytes: Uint8Array, start: number, end: number): void {
    const text = latin1(bytes, start, end);
    if (text !== '') this.#known.add(text);
    write(bytes, start, this.#masked(text));
  }

  /** Replaces, in a sentence, names that are known, which may hold quotes themselves, and then whatever else stands in quotes. */
  maskSentence(bytes: Uint8Array, start: number, end: number): void {
    let text = latin1(bytes, start, end);
    const done = new Set<string>();
    for (const name of [...this.#known].sort((a, b) => b.length - a.length)) {
      if (name.length < 2) continue;
      const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
      text = text.replaceAll(new RegExp(`(?<![\\w])${escaped}(?![\\w])`, 'g'), (found) => {
        const masked = this.#masked(found);
        for (const word of masked.match(WORD) ?? []) done.add(word);
        return masked;
      });
    }
    text = text.replaceAll(/(["'])([^"']+)\1/g, (whole, quote: string, name: string) =>
      isAddress(name) ? whole : `${quote}${this.#masked(name, done)}${quote}`,
    );
    write(bytes, start, text);
  }

  /** @param done words that are stand-ins already. */
  #masked(text: string, done?: ReadonlySet<string>): string {
    return text.replaceAll(WORD, (word) =>
      done?.has(word) || KEPT.has(word.toLowerCase()) ? word : this.#standIn(word),
    );
  }

  #standIn(word: string): string {
    const key = word.toLowerCase();
    let letters = this.#letters.get(key);
    if (letters === undefined) {
      const count = this.#letters.size;
      letters = LETTERS[count % 26] + (count < 26 ? '' : LETTERS[Math.floor(count / 26) % 26]);
      this.#letters.set(key, letters);
    }
    return letters.repeat(word.length).slice(0, word.length);
  }
}

/** Bytes as characters of the same value: names are found and replaced without changing how long they are. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]);
  return text;
}

function write(bytes: Uint8Array, start: number, text: string): void {
  for (let i = 0; i < text.length; i++) bytes[start + i] = text.charCodeAt(i);
}

/** An IP address in an error message stays: it is in the packets' headers too. */
function isAddress(text: string): boolean {
  return /^[\d.]+$/.test(text) || /^[\da-f]*:[\da-f:.]+$/i.test(text);
}
